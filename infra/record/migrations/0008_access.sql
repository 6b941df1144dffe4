-- What the trail of access has to say beside who, what and whether: by which version of the policy,
-- under which consents and agreement, how the reader came in, for whom. And broken glass.
SET ROLE dossier_owner;

-- Ids and codes only, as before: no value, no name, no words anybody typed.
ALTER TABLE trail.access
  ADD COLUMN policy      text,
  ADD COLUMN consents    uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN agreement   uuid,
  ADD COLUMN auth_method text,
  ADD COLUMN record_ref  uuid,
  ADD COLUMN request_id  uuid,
  ADD COLUMN row_count   int,
  ADD COLUMN break_glass uuid,
  ADD COLUMN recipient   text;
CREATE INDEX access_break_glass ON trail.access (break_glass) WHERE break_glass IS NOT NULL;

-- Who broke the glass, why (a code from the policy and the number of a case) and until when.
CREATE TABLE trail.break_glass (
  id        uuid PRIMARY KEY,
  actor     text NOT NULL,
  role      text NOT NULL,
  purpose   text NOT NULL,
  reason    text NOT NULL CHECK (reason ~ '^[a-z]+(-[a-z]+)*$'),
  reference text NOT NULL CHECK (reference ~ '^[A-Z]{2,8}-[0-9]{1,12}$'),
  rule      text NOT NULL,
  policy    text NOT NULL,
  tells     text NOT NULL,
  from_at   timestamptz NOT NULL,
  until_at  timestamptz NOT NULL,
  CHECK (until_at > from_at AND until_at <= from_at + interval '4 hours')
);
CREATE INDEX break_glass_from ON trail.break_glass USING brin (from_at);

-- What somebody in a role has to be told, written in the transaction of what it tells of.
CREATE TABLE trail.notice (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  role   text NOT NULL,
  topic  text NOT NULL,
  about  uuid NOT NULL
);
CREATE TABLE trail.notice_seen (
  notice bigint PRIMARY KEY REFERENCES trail.notice,
  at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor  text NOT NULL
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['break_glass', 'notice', 'notice_seen'] LOOP
    EXECUTE format('CREATE TRIGGER no_rewrite BEFORE UPDATE OR DELETE ON trail.%I
      FOR EACH ROW EXECUTE FUNCTION es.refuse_rewrite()', t);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON trail.%I
      FOR EACH STATEMENT EXECUTE FUNCTION es.refuse_rewrite()', t);
    EXECUTE format('ALTER TABLE trail.%I ENABLE ALWAYS TRIGGER no_rewrite', t);
    EXECUTE format('ALTER TABLE trail.%I ENABLE ALWAYS TRIGGER no_truncate', t);
    EXECUTE format('GRANT INSERT, SELECT ON trail.%I TO dossier_writer', t);
    EXECUTE format('GRANT SELECT ON trail.%I TO dossier_reader', t);
  END LOOP;
END $$;

RESET ROLE;
