-- As es.append_v1: plans are generic and by index, for a plan per call costs more than the call.
SET ROLE dossier_owner;

ALTER FUNCTION ref.note_findable_v1 SET jit = off;
ALTER FUNCTION ref.note_findable_v1 SET plan_cache_mode = 'force_generic_plan';
ALTER FUNCTION ref.note_findable_v1 SET enable_seqscan = off;
ALTER FUNCTION ref.note_findable_v1 SET enable_hashjoin = off;
ALTER FUNCTION ref.note_findable_v1 SET enable_mergejoin = off;

RESET ROLE;
