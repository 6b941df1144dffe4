-- Epochs of the key-encryption key, the re-wrapping of all keys into a new table, fences per category.
SET ROLE dossier_owner;

-- One row per key-encryption key there ever was. `prepared`: its key is being made.
ALTER TABLE keys.known_answer RENAME TO epoch;
ALTER TABLE keys.epoch RENAME COLUMN epoch TO number;
ALTER TABLE keys.epoch RENAME COLUMN sealed TO known_answer;
ALTER TABLE keys.epoch ALTER known_answer DROP NOT NULL;
ALTER TABLE keys.epoch ADD COLUMN state text NOT NULL DEFAULT 'current'
  CHECK (state IN ('prepared', 'current', 'retiring', 'destroyed'));
ALTER TABLE keys.epoch ALTER state DROP DEFAULT;
ALTER TABLE keys.epoch ADD COLUMN destroyed_at timestamptz;
ALTER TABLE keys.epoch ADD CHECK (state = 'prepared' OR known_answer IS NOT NULL);
ALTER TABLE keys.epoch ADD CHECK ((state = 'destroyed') = (destroyed_at IS NOT NULL));
CREATE UNIQUE INDEX epoch_one_current ON keys.epoch (state) WHERE state IN ('prepared', 'current');
GRANT UPDATE (state, known_answer, destroyed_at) ON keys.epoch TO dossier_writer;

-- An epoch that was left is never wrapped under again, whoever asks.
CREATE FUNCTION keys.refuse_step_back() RETURNS trigger LANGUAGE plpgsql AS $b$
DECLARE way text[] := ARRAY['prepared', 'current', 'retiring', 'destroyed'];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.number = OLD.number AND array_position(way, NEW.state) >= array_position(way, OLD.state) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'an epoch does not go back: % on keys.epoch is refused', TG_OP USING ERRCODE = 'DS002';
END $b$;
CREATE TRIGGER no_step_back BEFORE UPDATE OR DELETE ON keys.epoch
  FOR EACH ROW EXECUTE FUNCTION keys.refuse_step_back();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON keys.epoch
  FOR EACH STATEMENT EXECUTE FUNCTION keys.refuse_step_back();
ALTER TABLE keys.epoch ENABLE ALWAYS TRIGGER no_step_back;
ALTER TABLE keys.epoch ENABLE ALWAYS TRIGGER no_truncate;

-- Under which epoch `wrapped` was wrapped.
ALTER TABLE keys.subject_key ADD COLUMN epoch int NOT NULL DEFAULT 1;
ALTER TABLE keys.subject_key ALTER epoch DROP DEFAULT;
GRANT UPDATE (epoch) ON keys.subject_key TO dossier_writer;

-- A category whose key was destroyed while others live gets no new key either.
CREATE TABLE keys.category_fence (
  subject   uuid NOT NULL,
  category  text NOT NULL,
  fenced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (subject, category)
);
GRANT SELECT, INSERT ON keys.category_fence TO dossier_writer;

-- A category of a restricted person that has no key yet gets none while this is here.
CREATE TABLE keys.restriction (
  subject       uuid NOT NULL,
  category      text NOT NULL,
  restricted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (subject, category)
);
GRANT SELECT, INSERT, DELETE ON keys.restriction TO dossier_writer;

-- What the record itself says of a subject's keys: made under which commitment, and destroyed.
CREATE INDEX events_of_keys ON es.events (subject)
  WHERE type IN ('SubjectKeyCreated', 'PersonalDataErased');

-- How far a re-wrapping is. Rows of keys.subject_key changed since `since` are copied once more.
CREATE TABLE keys.rewrap (
  one        boolean PRIMARY KEY DEFAULT true CHECK (one),
  target     int NOT NULL,
  since      xid8 NOT NULL,
  subject    uuid,
  category   text,
  generation int,
  done       bigint NOT NULL DEFAULT 0,
  total      bigint NOT NULL,
  begun_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT ON keys.rewrap TO dossier_writer;
GRANT UPDATE (since, subject, category, generation, done) ON keys.rewrap TO dossier_writer;

-- Goes on with the re-wrapping to `goal`, or begins it with an empty table.
CREATE FUNCTION keys.rewrap_begin_v1(goal int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = keys, pg_temp AS $b$
BEGIN
  IF EXISTS (SELECT FROM keys.rewrap r WHERE r.target = goal) THEN RETURN; END IF;
  DROP TABLE IF EXISTS keys.subject_key_next;
  DELETE FROM keys.rewrap;
  CREATE TABLE keys.subject_key_next (LIKE keys.subject_key INCLUDING ALL) WITH (fillfactor = 80);
  EXECUTE format('GRANT SELECT, INSERT, DELETE ON keys.subject_key_next TO %I', coalesce(
    nullif(current_setting('role'), 'none'), session_user));
  INSERT INTO keys.rewrap (target, since, total)
    SELECT goal, pg_snapshot_xmin(pg_current_snapshot()), count(*) FROM keys.subject_key;
END $b$;

-- From here to the end of the transaction nobody reads or writes keys.
CREATE FUNCTION keys.rewrap_lock_v1() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = keys, pg_temp SET lock_timeout = '3s' AS $b$
BEGIN
  LOCK TABLE keys.subject_key IN ACCESS EXCLUSIVE MODE;
END $b$;

-- Puts the new table in the place of the old one, with the old one's grants. Raises DS004 where
-- the new one is not complete.
CREATE FUNCTION keys.rewrap_swap_v1() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = keys, pg_temp AS $b$
DECLARE r record; missing bigint;
BEGIN
  LOCK TABLE keys.subject_key IN ACCESS EXCLUSIVE MODE;
  SELECT (SELECT count(*) FROM keys.subject_key) - (SELECT count(*) FROM keys.subject_key_next) INTO missing;
  IF missing <> 0 OR EXISTS (SELECT FROM keys.subject_key_next n, keys.rewrap w
                             WHERE n.epoch <> w.target AND n.wrapped IS NOT NULL) THEN
    RAISE EXCEPTION 'the re-wrapped keys are not complete' USING ERRCODE = 'DS004';
  END IF;
  IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'keys.subject_key'::regclass) THEN
    RAISE EXCEPTION 'keys.subject_key has triggers, which a swap would lose' USING ERRCODE = 'DS004';
  END IF;
  FOR r IN SELECT g.grantee FROM pg_class c, aclexplode(c.relacl) g
           WHERE c.oid = 'keys.subject_key_next'::regclass AND g.grantee <> c.relowner LOOP
    EXECUTE format('REVOKE ALL ON keys.subject_key_next FROM %s', r.grantee::regrole);
  END LOOP;
  FOR r IN SELECT g.privilege_type AS may, '' AS columns, g.grantee FROM pg_class c, aclexplode(c.relacl) g
           WHERE c.oid = 'keys.subject_key'::regclass
           UNION ALL
           SELECT g.privilege_type, format('(%I)', a.attname), g.grantee FROM pg_attribute a, aclexplode(a.attacl) g
           WHERE a.attrelid = 'keys.subject_key'::regclass LOOP
    EXECUTE format('GRANT %s %s ON keys.subject_key_next TO %s', r.may, r.columns,
                   CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE r.grantee::regrole::text END);
  END LOOP;
  DROP TABLE keys.subject_key;
  ALTER TABLE keys.subject_key_next RENAME TO subject_key;
  ALTER INDEX keys.subject_key_next_pkey RENAME TO subject_key_pkey;
  DELETE FROM keys.rewrap;
END $b$;
REVOKE ALL ON FUNCTION keys.rewrap_begin_v1(int), keys.rewrap_lock_v1(), keys.rewrap_swap_v1() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keys.rewrap_begin_v1(int), keys.rewrap_lock_v1(), keys.rewrap_swap_v1() TO dossier_writer;

RESET ROLE;
