-- Events that a projection could not apply, and every later event of the same key, in order.
SET ROLE dossier_owner;

CREATE TABLE es.parked (
  name      text NOT NULL,
  version   int NOT NULL,
  key       uuid NOT NULL,
  position  bigint NOT NULL,
  type      text NOT NULL,
  error     text,  -- null: it waits for one before it
  attempts  int NOT NULL DEFAULT 0,
  parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (name, version, key, position)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON es.parked TO dossier_projector;
GRANT SELECT ON es.parked TO dossier_writer, dossier_reader, dossier_auditor;

RESET ROLE;
