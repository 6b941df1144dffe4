-- Which version of which projection is live, and how far each has read.
SET ROLE dossier_owner;

CREATE TABLE es.projection (
  name    text NOT NULL,
  version int NOT NULL,
  state   text NOT NULL CHECK (state IN ('building', 'live', 'retired')),
  PRIMARY KEY (name, version)
);
CREATE UNIQUE INDEX projection_one_live ON es.projection (name) WHERE state = 'live';
CREATE TABLE es.tracking (
  name     text NOT NULL,
  version  int NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (name, version)
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE, DELETE ON es.projection, es.tracking TO dossier_projector;
GRANT SELECT ON es.projection, es.tracking TO dossier_writer, dossier_reader;

RESET ROLE;
-- A projection's tables live in a schema of their own, made by the projector when it is built.
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO dossier_projector', current_database()); END $$;
