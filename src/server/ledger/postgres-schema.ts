/**
 * What a ledger needs in a database, as SQL that may run again. Names end in the version they belong
 * to where processes of an older version could be at work beside newer ones.
 * @param schema quoted as an identifier
 */
export const ledgerSchema = (schema: string): string => `
  CREATE TABLE IF NOT EXISTS ${schema}.accounts (
    key text COLLATE "C" PRIMARY KEY, max bigint NOT NULL, settled bigint NOT NULL, held bigint NOT NULL, revision bigint NOT NULL, ends bigint
  ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
  -- Of what changes with every run nothing is indexed, so that an account is rewritten in its place (HOT).
  CREATE INDEX IF NOT EXISTS ended_accounts ON ${schema}.accounts (ends);
  CREATE TABLE IF NOT EXISTS ${schema}.runs (
    identity text COLLATE "C" NOT NULL, run text COLLATE "C" NOT NULL, version bigint NOT NULL, body text NOT NULL, status text NOT NULL,
    at bigint NOT NULL, expires bigint NOT NULL, claims text NOT NULL, receipt text, PRIMARY KEY (identity, run)
  );
  CREATE INDEX IF NOT EXISTS named_runs ON ${schema}.runs (run);
  CREATE INDEX IF NOT EXISTS open_runs ON ${schema}.runs (expires) WHERE status IN ('held', 'dispatched');
  CREATE INDEX IF NOT EXISTS ended_runs ON ${schema}.runs (at) WHERE status NOT IN ('held', 'dispatched');
  CREATE TABLE IF NOT EXISTS ${schema}.documents (key text COLLATE "C" PRIMARY KEY, value text NOT NULL, revision bigint NOT NULL);
  CREATE TABLE IF NOT EXISTS ${schema}.totals (key text COLLATE "C" PRIMARY KEY, settled bigint NOT NULL);
  ${changeFunction(schema)}
`

/** The name of the function, by which a database is known to have all of the above. */
export const changeName = 'change_2'

/**
 * Carries out many changes, each all or nothing, in one transaction and one round trip. It locks in
 * one order (documents, runs by key, accounts by key), so that two of them never wait for each other,
 * and reads what it goes by after it has locked. Where somebody came in between it fails as a
 * serialization failure: nothing was changed, and the next attempt sees it.
 *
 * A document is locked by its name, so that none can be written either where none stands. Whoever
 * writes it waits for those that go by it, and they for him: once it is written, nothing that went by
 * the one before is still to come. That takes a snapshot from after the lock, which only READ COMMITTED
 * gives; under another isolation it does nothing and answers NULL.
 *
 * The rule of a step is `takeStep` of the core. What it answers is what each change came to and how
 * the accounts stood before all of them; the rest can be worked out from these.
 */
const changeFunction = (schema: string) => `
  CREATE OR REPLACE FUNCTION ${schema}.${changeName}(patience integer, locks json, keys json, heads json, steps json, bodies json) RETURNS json
  LANGUAGE plpgsql
  -- A plan from when the tables were small must not outlive that.
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
  AS $function$
  #variable_conflict use_column
  DECLARE
    step record;
    outcomes text[];
    created bigint;
    written bigint;
    -- The accounts by their place in "keys", and as they were before the change at hand.
    names text[]; maxs bigint[]; spent bigint[]; tied bigint[]; revisions bigint[]; endings bigint[];
    maxs0 bigint[]; spent0 bigint[]; tied0 bigint[]; revisions0 bigint[]; endings0 bigint[];
    place integer;
    current integer := 0;
    before json;
  BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
      RETURN NULL;
    END IF;
    PERFORM set_config('lock_timeout', patience::text, true);
    IF current_setting('synchronous_commit') = 'off' THEN
      PERFORM set_config('synchronous_commit', 'on', true);
    END IF;

    PERFORM pg_advisory_xact_lock_shared(hashtextextended(l.name, 0)) FROM json_array_elements_text(locks) AS l(name);

    PERFORM FROM json_to_recordset(heads) AS h(identity text COLLATE "C", run text COLLATE "C", expected bigint)
      JOIN ${schema}.runs r ON r.identity = h.identity AND r.run = h.run
      WHERE h.expected > 0 ORDER BY r.identity, r.run FOR UPDATE OF r;

    INSERT INTO ${schema}.accounts (key, max, settled, held, revision)
      SELECT k.key, 0, 0, 0, 0 FROM json_array_elements_text(keys) AS k(key)
      WHERE NOT EXISTS (SELECT FROM ${schema}.accounts a WHERE a.key = k.key COLLATE "C")
      ORDER BY k.key COLLATE "C" ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS created = ROW_COUNT;
    SELECT array_agg(l.key ORDER BY l.place), array_agg(l.max ORDER BY l.place), array_agg(l.settled ORDER BY l.place),
        array_agg(l.held ORDER BY l.place), array_agg(l.revision ORDER BY l.place), array_agg(l.ends ORDER BY l.place)
      INTO names, maxs, spent, tied, revisions, endings
      FROM (
        SELECT a.*, k.place FROM json_array_elements_text(keys) WITH ORDINALITY AS k(key, place)
        JOIN ${schema}.accounts a ON a.key = k.key COLLATE "C" ORDER BY a.key FOR UPDATE OF a
      ) l;
    IF coalesce(cardinality(names), 0) < json_array_length(keys) THEN
      RAISE EXCEPTION 'an account was cleared away meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    before := json_build_object('max', maxs, 'settled', spent, 'held', tied, 'revision', revisions);

    SELECT array_agg(CASE
        WHEN coalesce(r.version, 0) <> h.expected THEN 'conflict'
        WHEN h.document IS NOT NULL AND coalesce(d.revision, 0) <> h.revision THEN 'stale'
        ELSE 'done' END ORDER BY h.place)
      INTO outcomes
      FROM json_to_recordset(heads) AS h(place integer, identity text COLLATE "C", run text COLLATE "C", expected bigint, document text COLLATE "C", revision bigint)
      LEFT JOIN ${schema}.runs r ON r.identity = h.identity AND r.run = h.run
      LEFT JOIN ${schema}.documents d ON d.key = h.document;

    FOR step IN SELECT * FROM json_to_recordset(steps) AS s(change integer, account integer, held bigint, settled bigint, guard bigint, ends bigint) LOOP
      CONTINUE WHEN outcomes[step.change] <> 'done';
      IF step.change <> current THEN
        current := step.change;
        maxs0 := maxs; spent0 := spent; tied0 := tied; revisions0 := revisions; endings0 := endings;
      END IF;
      place := step.account;
      IF step.guard IS NOT NULL AND step.held > greatest(0, step.guard - spent[place] - tied[place]) THEN
        outcomes[step.change] := 'exceeded';
        maxs := maxs0; spent := spent0; tied := tied0; revisions := revisions0; endings := endings0;
        CONTINUE;
      END IF;
      maxs[place] := coalesce(step.guard, maxs[place]);
      tied[place] := tied[place] + step.held;
      spent[place] := spent[place] + step.settled;
      revisions[place] := revisions[place] + 1;
      endings[place] := step.ends;
    END LOOP;

    WITH rows AS MATERIALIZED (
      SELECT * FROM json_to_recordset(bodies) AS b(
        place integer, identity text COLLATE "C", run text COLLATE "C", expected bigint, version bigint, body text, status text, at bigint, expires bigint, claims text, receipt text
      ) WHERE outcomes[place] = 'done'
    ), inserted AS (
      INSERT INTO ${schema}.runs (identity, run, version, body, status, at, expires, claims, receipt)
      SELECT identity, run, version, body, status, at, expires, claims, receipt FROM rows WHERE expected = 0
      ORDER BY identity, run ON CONFLICT DO NOTHING RETURNING 1
    ), updated AS (
      UPDATE ${schema}.runs r SET version = n.version, body = n.body, status = n.status, at = n.at, expires = n.expires, claims = n.claims, receipt = n.receipt
      FROM rows n WHERE r.identity = n.identity AND r.run = n.run AND n.expected > 0 AND r.version = n.expected RETURNING 1
    )
    SELECT (SELECT count(*) FROM inserted) + (SELECT count(*) FROM updated) INTO written;
    IF written < cardinality(array_positions(outcomes, 'done')) THEN
      RAISE EXCEPTION 'a run was written meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;

    UPDATE ${schema}.accounts a SET max = n.max, settled = n.settled, held = n.held, revision = n.revision, ends = n.ends
      FROM unnest(names, maxs, spent, tied, revisions, endings) AS n(key, max, settled, held, revision, ends)
      WHERE a.key = n.key AND a.revision <> n.revision;
    IF created > 0 THEN
      DELETE FROM ${schema}.accounts WHERE key = ANY (names) AND revision = 0;
    END IF;
    RETURN json_build_object('outcomes', outcomes, 'before', before);
  END
  $function$;
`
