-- Roles belong to the whole server, so they are made once and by whoever comes first (the runner
-- holds an advisory lock). Nobody logs in as one of them: the product logs in and SETs ROLE.
DO $$
DECLARE r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['dossier_owner', 'dossier_writer', 'dossier_projector', 'dossier_reader',
                           'dossier_analyst'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', r);
    END IF;
    EXECUTE format('GRANT %I TO CURRENT_USER', r);
  END LOOP;
END $$;

CREATE SCHEMA es AUTHORIZATION dossier_owner;
CREATE SCHEMA keys AUTHORIZATION dossier_owner;
CREATE SCHEMA trail AUTHORIZATION dossier_owner;
CREATE SCHEMA ref AUTHORIZATION dossier_owner;
CREATE SCHEMA read AUTHORIZATION dossier_projector;
CREATE SCHEMA mart AUTHORIZATION dossier_projector;

GRANT USAGE ON SCHEMA es TO dossier_writer, dossier_projector, dossier_reader;
GRANT USAGE ON SCHEMA keys, trail, ref TO dossier_writer;
GRANT USAGE ON SCHEMA trail, ref TO dossier_reader, dossier_projector;
GRANT USAGE ON SCHEMA read TO dossier_reader, dossier_writer;
GRANT USAGE ON SCHEMA mart TO dossier_reader, dossier_analyst;
