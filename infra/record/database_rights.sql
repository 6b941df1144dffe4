-- Who may connect. Rights on a database are not copied with it, so they are set whenever the schema
-- is brought up to date; everybody may connect to a fresh copy.
DO $$
BEGIN
  IF NOT has_database_privilege('public', current_database(), 'CONNECT')
     AND NOT has_database_privilege('public', current_database(), 'TEMPORARY')
     AND has_database_privilege('dossier_keys', current_database(), 'TEMPORARY')
     AND has_database_privilege('dossier_team_scope', current_database(), 'CONNECT') THEN RETURN; END IF;
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO dossier_analyst, dossier_auditor, dossier_backup,'
                 ' dossier_scope, dossier_team_scope',
                 current_database());
  EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO dossier_writer, dossier_projector, dossier_keys',
                 current_database());
  EXECUTE format('GRANT CREATE ON DATABASE %I TO dossier_projector', current_database());
END $$;
