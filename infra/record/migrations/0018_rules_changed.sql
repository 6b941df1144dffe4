-- How a process learns that the rules it decides by are no longer all there are: a number that grows
-- with every append to a policy, a calendar, or the register of who is served by which. It is read
-- with the command's id before each decision, so it is one row that is always in memory. The row is
-- locked last, by those appends alone, and so grows in the order they become visible in.
SET ROLE dossier_owner;

CREATE TABLE es.rules_changed (
  one     boolean PRIMARY KEY DEFAULT true CHECK (one),
  changes bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO es.rules_changed VALUES (true, 0);
GRANT SELECT ON es.rules_changed TO dossier_writer;

CREATE FUNCTION es.note_rules_changed() RETURNS trigger LANGUAGE plpgsql
SET search_path = es, pg_temp AS $b$
BEGIN
  UPDATE es.rules_changed SET changes = changes + 1;
  RETURN NULL;
END $b$;
REVOKE ALL ON FUNCTION es.note_rules_changed() FROM PUBLIC;
CREATE TRIGGER rules_changed AFTER INSERT OR UPDATE ON es.streams FOR EACH ROW
  WHEN (NEW.kind IN ('policy', 'calendar', 'service_calendars'))
  EXECUTE FUNCTION es.note_rules_changed();

-- Neither column ever changes, so updates of es.streams stay within their page.
CREATE INDEX streams_of_rules ON es.streams (kind, stream)
  WHERE kind IN ('policy', 'calendar', 'service_calendars');

RESET ROLE;
