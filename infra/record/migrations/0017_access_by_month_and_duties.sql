-- The trail of access by month, so that old months can be put away; and who may not decide on what
-- they asked for, as the database's own rule beside the domain's.
SET ROLE dossier_owner;

-- What is there becomes the first partition, up to the end of this month: no row is copied or moved.
LOCK TABLE trail.access IN ACCESS EXCLUSIVE MODE;
ALTER TABLE trail.access RENAME TO access_past;
ALTER INDEX trail.access_at RENAME TO access_past_at;
ALTER INDEX trail.access_subjects RENAME TO access_past_subjects;
ALTER INDEX trail.access_break_glass RENAME TO access_past_break_glass;
ALTER TABLE trail.access_past DROP CONSTRAINT access_pkey;
ALTER TABLE trail.access_past ALTER id DROP IDENTITY;
DROP TRIGGER no_rewrite ON trail.access_past;  -- comes back from the parent, in this transaction

CREATE TABLE trail.access (LIKE trail.access_past INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)
  PARTITION BY RANGE (at);
DO $$
BEGIN
  EXECUTE format('ALTER TABLE trail.access ALTER id ADD GENERATED ALWAYS AS IDENTITY (START WITH %s)',
                 (SELECT coalesce(max(id), 0) + 1 FROM trail.access_past));
END $$;
ALTER TABLE trail.access ADD PRIMARY KEY (id, at);
CREATE INDEX access_at ON trail.access USING brin (at);
CREATE INDEX access_subjects ON trail.access USING gin (subjects);
CREATE INDEX access_break_glass ON trail.access (break_glass) WHERE break_glass IS NOT NULL;
CREATE TRIGGER no_rewrite BEFORE UPDATE OR DELETE ON trail.access
  FOR EACH ROW EXECUTE FUNCTION es.refuse_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON trail.access
  FOR EACH STATEMENT EXECUTE FUNCTION es.refuse_rewrite();
ALTER TABLE trail.access ENABLE ALWAYS TRIGGER no_rewrite;
ALTER TABLE trail.access ENABLE ALWAYS TRIGGER no_truncate;
GRANT INSERT, SELECT ON trail.access TO dossier_writer;
GRANT SELECT ON trail.access TO dossier_reader;
GRANT INSERT ON trail.access TO dossier_keys;
-- Rows come and are read through the parent alone.
REVOKE ALL ON trail.access_past FROM dossier_writer, dossier_reader, dossier_keys;
DO $$
BEGIN
  EXECUTE format('ALTER TABLE trail.access ATTACH PARTITION trail.access_past FOR VALUES FROM (MINVALUE) TO (%L)',
                 date_trunc('month', clock_timestamp(), 'UTC') + interval '1 month');
END $$;
ALTER TABLE trail.access_past ENABLE ALWAYS TRIGGER no_rewrite;

-- Months (of UTC) up to `ahead` after this one, each guarded before it is attached. Like the events,
-- without a DEFAULT partition. What is there already is left as it is.
CREATE FUNCTION trail.ensure_partitions(ahead int DEFAULT 3)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = trail, pg_temp SET timezone = 'UTC' AS $b$
DECLARE
  this timestamptz := date_trunc('month', clock_timestamp()); starts timestamptz; past timestamptz;
  made int := 0; name text;
BEGIN
  PERFORM pg_advisory_xact_lock(4725);
  SELECT substring(pg_get_expr(relpartbound, oid) FROM 'TO \(''([^'']+)''\)')::timestamptz INTO past
    FROM pg_class WHERE oid = 'trail.access_past'::regclass;
  FOR n IN 0..ahead LOOP
    starts := this + make_interval(months => n);
    name := 'access_' || to_char(starts, 'YYYY_MM');
    CONTINUE WHEN starts < past OR to_regclass('trail.' || name) IS NOT NULL;
    EXECUTE format('CREATE TABLE trail.%I (LIKE trail.access INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', name);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON trail.%I FOR EACH STATEMENT EXECUTE FUNCTION es.refuse_rewrite()', name);
    EXECUTE format('ALTER TABLE trail.%I ENABLE ALWAYS TRIGGER no_truncate', name);
    EXECUTE format('ALTER TABLE trail.access ATTACH PARTITION trail.%I FOR VALUES FROM (%L) TO (%L)',
                   name, starts, starts + interval '1 month');
    EXECUTE format('ALTER TABLE trail.%I ENABLE ALWAYS TRIGGER no_rewrite', name);
    made := made + 1;
  END LOOP;
  RETURN made;
END $b$;
REVOKE ALL ON FUNCTION trail.ensure_partitions(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trail.ensure_partitions(int) TO dossier_writer;
SELECT trail.ensure_partitions();

-- Who asked and who decided, per matter of a stream. A person has one row in a matter, and so one
-- duty: that is the whole rule. Written by the append, in its transaction.
CREATE TABLE ref.duties (
  stream uuid NOT NULL,
  matter text NOT NULL,
  person text NOT NULL,
  duty   text NOT NULL CHECK (duty IN ('asks', 'decides')),
  PRIMARY KEY (stream, matter, person)
);
CREATE TRIGGER no_rewrite BEFORE UPDATE OR DELETE ON ref.duties
  FOR EACH ROW EXECUTE FUNCTION es.refuse_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ref.duties
  FOR EACH STATEMENT EXECUTE FUNCTION es.refuse_rewrite();
ALTER TABLE ref.duties ENABLE ALWAYS TRIGGER no_rewrite;
ALTER TABLE ref.duties ENABLE ALWAYS TRIGGER no_truncate;
GRANT SELECT ON ref.duties TO dossier_reader;

-- Whoever acted counts, and whoever the event names: neither a forgotten check nor another's name helps.
-- `holding`: nobody carries out access of their own, whoever approved it.
CREATE FUNCTION es.duties_of(type text, actor text, body bytea)
RETURNS TABLE (matter text, person text, duty text) LANGUAGE sql STABLE
SET search_path = es, pg_temp AS $b$
  SELECT DISTINCT d.matter, p.person, d.duty
  FROM (SELECT convert_from(body, 'UTF8')::json) b(said)
  CROSS JOIN LATERAL (VALUES
    ('AccessRequested', 'access ' || (said->>'request'), 'asks', ARRAY[actor, said->>'requested_by', said->>'staff']),
    ('AccessRequested', 'holding', 'asks', ARRAY[said->>'staff']),
    ('AccessApproved', 'access ' || (said->>'request'), 'decides', ARRAY[actor, said->>'approved_by']),
    ('AccessDeclined', 'access ' || (said->>'request'), 'decides', ARRAY[actor, said->>'declined_by']),
    ('AccessGranted', 'holding', 'decides', ARRAY[actor, said->>'granted_by']),
    ('AccessChanged', 'holding', 'decides', ARRAY[actor, said->>'granted_by']),
    ('PrivacyRequestReceived', 'request ' || (said->>'request'), 'asks', ARRAY[actor, said->>'received_by']),
    ('RequesterIdentified', 'request ' || (said->>'request'), 'decides', ARRAY[actor, said->>'identified_by']),
    ('RemedyPlanDrafted', 'plan ' || (said->>'plan'), 'asks', ARRAY[actor, said->>'drafted_by']),
    ('RemedyPlanReviewed', 'plan ' || (said->>'plan'), 'decides', ARRAY[actor, said->>'reviewer']),
    ('RemedyPlanApproved', 'plan ' || (said->>'plan'), 'decides', ARRAY[actor, said->>'approver'])
  ) d(type, matter, duty, persons)
  CROSS JOIN LATERAL unnest(d.persons) p(person)
  WHERE d.type = $1 AND p.person IS NOT NULL AND d.matter IS NOT NULL
$b$;

-- Raises DS004: the whole append is lost. The stream's row is locked, so two appends cannot pass
-- each other.
CREATE FUNCTION es.separate_duties() RETURNS trigger LANGUAGE plpgsql
SET search_path = es, pg_temp AS $b$
DECLARE d record;
BEGIN
  FOR d IN SELECT * FROM es.duties_of(NEW.type, NEW.actor, NEW.body) LOOP
    INSERT INTO ref.duties VALUES (NEW.stream, d.matter, d.person, d.duty) ON CONFLICT DO NOTHING;
    IF NOT FOUND AND EXISTS (SELECT FROM ref.duties h WHERE h.stream = NEW.stream AND h.matter = d.matter
                             AND h.person = d.person AND h.duty <> d.duty) THEN
      RAISE EXCEPTION '% by % in stream %: who asks does not decide', NEW.type, d.person, NEW.stream
        USING ERRCODE = 'DS004', TABLE = 'duties', SCHEMA = 'ref', CONSTRAINT = 'duties_pkey';
    END IF;
  END LOOP;
  RETURN NULL;
END $b$;
REVOKE ALL ON FUNCTION es.duties_of(text, text, bytea), es.separate_duties() FROM PUBLIC;

-- What is on record already. Where it breaks the rule it stays as it is; the first duty counts.
INSERT INTO ref.duties
  SELECT e.stream, d.matter, d.person, d.duty
  FROM es.events e CROSS JOIN LATERAL es.duties_of(e.type, e.actor, e.body) d
  WHERE e.body IS NOT NULL AND e.type IN (
    'AccessRequested', 'AccessApproved', 'AccessDeclined', 'AccessGranted', 'AccessChanged',
    'PrivacyRequestReceived', 'RequesterIdentified', 'RemedyPlanDrafted', 'RemedyPlanReviewed',
    'RemedyPlanApproved')
  ORDER BY e.position
  ON CONFLICT DO NOTHING;

-- Only events of these types pay for it.
CREATE TRIGGER separate_duties AFTER INSERT ON es.events FOR EACH ROW WHEN (NEW.type IN (
    'AccessRequested', 'AccessApproved', 'AccessDeclined', 'AccessGranted', 'AccessChanged',
    'PrivacyRequestReceived', 'RequesterIdentified', 'RemedyPlanDrafted', 'RemedyPlanReviewed',
    'RemedyPlanApproved'))
  EXECUTE FUNCTION es.separate_duties();
ALTER TABLE es.events ENABLE ALWAYS TRIGGER separate_duties;
DO $$
DECLARE part regclass;
BEGIN
  FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'es.events'::regclass LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER separate_duties', part);
  END LOOP;
END $$;

RESET ROLE;
