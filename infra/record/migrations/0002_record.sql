-- The record: streams, events, commands, outbox, watermark. Events are range-partitioned by
-- position; identity and order within a stream are guaranteed by es.streams, which is not.
SET ROLE dossier_owner;

-- CACHE must stay 1: the watermark rests on nextval being drawn under the intent lock.
CREATE SEQUENCE es.position_seq CACHE 1;

CREATE TABLE es.streams (
  stream          uuid PRIMARY KEY,
  kind            text NOT NULL,
  subject         uuid NOT NULL,
  version         bigint NOT NULL CHECK (version > 0),
  status          text NOT NULL CHECK (status IN ('open', 'closed', 'fenced', 'archived')),
  segment         smallint NOT NULL CHECK (segment BETWEEN 0 AND 15),
  head_hash       bytea NOT NULL CHECK (octet_length(head_hash) = 32),
  first_position  bigint NOT NULL,
  last_position   bigint NOT NULL,
  jurisdiction    text,
  retention_class text
) WITH (fillfactor = 70);
CREATE INDEX streams_subject ON es.streams (subject);

CREATE TABLE es.events (
  position     bigint NOT NULL,
  event_id     uuid NOT NULL,
  stream       uuid NOT NULL,
  kind         text NOT NULL,
  version      bigint NOT NULL,
  type         text NOT NULL,
  schema       smallint NOT NULL,
  subject      uuid NOT NULL,
  segment      smallint NOT NULL,
  at           timestamptz NOT NULL,
  at_precision text NOT NULL CHECK (at_precision IN ('instant', 'minute', 'day')),
  recorded_at  timestamptz NOT NULL,
  actor        text NOT NULL,
  role         text NOT NULL,
  on_behalf_of text,
  purpose      text NOT NULL,
  legal_basis  text,
  consent_id   uuid,
  reason       text,
  policies     text NOT NULL,
  correlation  uuid NOT NULL,
  causation    uuid,
  command_id   uuid NOT NULL,
  source_ref   text,
  market       text,
  prev_hash    bytea NOT NULL,
  body_hash    bytea NOT NULL,
  hash         bytea NOT NULL,
  body         bytea,
  PRIMARY KEY (position)
) PARTITION BY RANGE (position);
ALTER TABLE es.events ALTER body SET STORAGE EXTERNAL;  -- sealed bytes do not compress
CREATE UNIQUE INDEX events_stream_version ON es.events (stream, version, position);

CREATE FUNCTION es.refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $b$
BEGIN
  RAISE EXCEPTION 'the record is append-only: % on %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'DS002';
END $b$;
CREATE TRIGGER no_rewrite BEFORE UPDATE OR DELETE ON es.events
  FOR EACH ROW EXECUTE FUNCTION es.refuse_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON es.events
  FOR EACH STATEMENT EXECUTE FUNCTION es.refuse_rewrite();
ALTER TABLE es.events ENABLE ALWAYS TRIGGER no_rewrite;
ALTER TABLE es.events ENABLE ALWAYS TRIGGER no_truncate;

-- Eight partitions ahead of the sequence, each guarded before it is attached. There is no DEFAULT
-- partition: one row in it would keep the next partition from being made.
CREATE FUNCTION es.ensure_partitions(ahead int DEFAULT 8, width bigint DEFAULT 1000000)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = es, pg_temp AS $b$
DECLARE
  top bigint; made int := 0; n bigint; name text;
BEGIN
  PERFORM pg_advisory_xact_lock(4722);
  SELECT last_value / width INTO top FROM es.position_seq;
  FOR n IN 0..top + ahead LOOP
    name := format('events_%s', lpad(n::text, 6, '0'));
    CONTINUE WHEN to_regclass('es.' || name) IS NOT NULL;
    EXECUTE format('CREATE TABLE es.%I (LIKE es.events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', name);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON es.%I FOR EACH STATEMENT EXECUTE FUNCTION es.refuse_rewrite()', name);
    EXECUTE format('ALTER TABLE es.%I ENABLE ALWAYS TRIGGER no_truncate', name);
    EXECUTE format('ALTER TABLE es.events ATTACH PARTITION es.%I FOR VALUES FROM (%s) TO (%s)', name, n * width, (n + 1) * width);
    EXECUTE format('ALTER TABLE es.%I ENABLE ALWAYS TRIGGER no_rewrite', name);
    made := made + 1;
  END LOOP;
  RETURN made;
END $b$;
REVOKE ALL ON FUNCTION es.ensure_partitions(int, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION es.ensure_partitions(int, bigint) TO dossier_writer;
SELECT es.ensure_partitions();

-- What a command came to. `positions` answers a repeated command; rows are kept 30 days.
CREATE TABLE es.command (
  command_id  uuid PRIMARY KEY,
  fingerprint bytea NOT NULL,
  positions   bigint[] NOT NULL,
  recorded_at timestamptz NOT NULL
);
CREATE INDEX command_recorded_at ON es.command USING brin (recorded_at);

CREATE TABLE es.outbox (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  command_id uuid NOT NULL,
  position   bigint NOT NULL,
  topic      text NOT NULL,
  payload    text NOT NULL,
  due_at     timestamptz NOT NULL
);
CREATE INDEX outbox_due ON es.outbox (due_at);

-- Commands that wait for a worker. The queue carries {command_id, position} only; what a person
-- typed lies here, sealed under the installation's key.
CREATE TABLE es.inbox (
  position   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  command_id uuid NOT NULL UNIQUE,
  name       text NOT NULL,
  actor      text NOT NULL,
  role       text NOT NULL,
  payload    bytea NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  done_at    timestamptz,
  outcome    text
);

-- Readers stop at `position`: nothing at or below it can still appear. A database restored from a
-- backup gets a new incarnation, so that a reader which is ahead of it can notice.
CREATE TABLE es.watermark (
  one         boolean PRIMARY KEY DEFAULT true CHECK (one),
  position    bigint NOT NULL,
  at          timestamptz NOT NULL,
  incarnation uuid NOT NULL
) WITH (fillfactor = 10);
INSERT INTO es.watermark VALUES (true, 0, clock_timestamp(), gen_random_uuid());

GRANT SELECT ON es.streams, es.events, es.watermark TO dossier_writer, dossier_projector, dossier_reader;
GRANT SELECT ON es.position_seq TO dossier_writer, dossier_projector, dossier_reader;
GRANT SELECT, DELETE ON es.command, es.outbox TO dossier_writer;
GRANT SELECT, INSERT, UPDATE ON es.inbox TO dossier_writer;

RESET ROLE;
