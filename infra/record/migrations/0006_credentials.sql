-- Who may come in. A token is kept as its SHA-256 only; actor and roles come from here, never from a
-- request.
SET ROLE dossier_owner;

CREATE TABLE keys.credential (
  token_sha256 bytea PRIMARY KEY CHECK (octet_length(token_sha256) = 32),
  actor        text NOT NULL,
  roles        text[] NOT NULL CHECK (cardinality(roles) > 0),
  made_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  revoked_at   timestamptz
);
GRANT SELECT, INSERT ON keys.credential TO dossier_writer;
GRANT UPDATE (revoked_at) ON keys.credential TO dossier_writer;

RESET ROLE;
-- So that a running product can tell whether its schema is the one it knows.
GRANT USAGE ON SCHEMA public TO dossier_writer;
GRANT SELECT ON public.dossier_migration TO dossier_writer, dossier_reader;
