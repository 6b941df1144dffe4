-- Keys per subject and category, the trail of who opened what, names outside systems use.
SET ROLE dossier_owner;

-- `wrapped` is the data key under the key-encryption key, which never is in this database.
-- `announced` turns true with the append that records SubjectKeyCreated.
CREATE TABLE keys.subject_key (
  subject    uuid NOT NULL,
  category   text NOT NULL CHECK (category IN ('identity', 'contact', 'content', 'sensitive')),
  generation int NOT NULL,
  state      text NOT NULL CHECK (state IN ('active', 'restricted', 'destroyed')),
  wrapped    bytea,
  commitment text NOT NULL,
  announced  boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  destroyed_at timestamptz,
  PRIMARY KEY (subject, category, generation),
  CHECK ((state = 'destroyed') = (wrapped IS NULL))
) WITH (fillfactor = 80);

-- An erased subject gets no new key, ever: the fence outlives the keys.
CREATE TABLE keys.fence (
  subject   uuid PRIMARY KEY,
  fenced_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A known answer per key-encryption key: opens only under the right one.
CREATE TABLE keys.known_answer (
  epoch  int PRIMARY KEY,
  sealed bytea NOT NULL,
  made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

GRANT SELECT, INSERT ON keys.subject_key, keys.known_answer, keys.fence TO dossier_writer;
GRANT UPDATE (state, wrapped, destroyed_at) ON keys.subject_key TO dossier_writer;

-- One row per request for personal data, written before the answer. Ids and codes, never values.
CREATE TABLE trail.access (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor       text NOT NULL,
  role        text NOT NULL,
  on_behalf_of text,
  operation   text NOT NULL,
  purpose     text NOT NULL,
  legal_basis text,
  decision    text NOT NULL CHECK (decision IN ('permit', 'deny')),
  rule        text NOT NULL,
  subjects    uuid[] NOT NULL,
  fields      text[] NOT NULL,
  tokens      int NOT NULL,
  correlation uuid NOT NULL
);
CREATE INDEX access_at ON trail.access USING brin (at);
CREATE INDEX access_subjects ON trail.access USING gin (subjects);
CREATE TRIGGER no_rewrite BEFORE UPDATE OR DELETE ON trail.access
  FOR EACH ROW EXECUTE FUNCTION es.refuse_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON trail.access
  FOR EACH STATEMENT EXECUTE FUNCTION es.refuse_rewrite();
ALTER TABLE trail.access ENABLE ALWAYS TRIGGER no_rewrite;
ALTER TABLE trail.access ENABLE ALWAYS TRIGGER no_truncate;
GRANT INSERT, SELECT ON trail.access TO dossier_writer;
GRANT SELECT ON trail.access TO dossier_reader;

-- What an outside system calls a person: a keyed hash, and the name itself sealed. After an
-- erasure only the hash and `erased` remain, so that an import refuses that person.
CREATE TABLE ref.external (
  source  text NOT NULL,
  hmac    bytea NOT NULL,
  subject uuid,
  token   text,
  erased  boolean NOT NULL DEFAULT false,
  PRIMARY KEY (source, hmac),
  CHECK (erased = (subject IS NULL) AND (NOT erased OR token IS NULL))
);
CREATE INDEX external_subject ON ref.external (subject);
GRANT SELECT ON ref.external TO dossier_writer, dossier_reader;
GRANT UPDATE (subject, token, erased) ON ref.external TO dossier_writer;

-- One row per import: which file, what was assumed of it, up to when it speaks (horizon).
CREATE TABLE ref.import_run (
  id          uuid PRIMARY KEY,
  source      text NOT NULL,
  file_sha256 text NOT NULL,
  assumptions text NOT NULL,
  opened_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  horizon     timestamptz,
  rows_done   bigint NOT NULL DEFAULT 0,
  rejected    bigint NOT NULL DEFAULT 0,
  closed_at   timestamptz
);
GRANT SELECT, INSERT, UPDATE ON ref.import_run TO dossier_writer;
GRANT SELECT ON ref.import_run TO dossier_reader;

RESET ROLE;
