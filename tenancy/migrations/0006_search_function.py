from django.db import migrations

# `@@` is not leakproof, so that row-level security keeps it from the index. This function runs as the system role,
# which may read the table. It stands in for the policy: the workspace is that of the open scope and nothing else, and all
# that it gives away is which rows of that workspace say what is asked (docs/decisions/; tests/isolation/test_search.py).
FUNCTION = """
CREATE FUNCTION tenancy_search(
    sort text, firm text, typed text, below timestamptz, below_id bigint, since timestamptz, until timestamptz, most int
)
RETURNS TABLE (of bigint, at timestamptz, id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan  -- there is one good plan, whatever is asked
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    mine CONSTANT bigint := NULLIF(current_setting('omnidesk.workspace_id', true), '')::bigint;
    mark CONSTANT text := to_hex(mine) || sort;
    -- What has to be said: words that stand, and the last one, which may go on.
    wanted CONSTANT tsquery := replace(firm, '~', mark)::tsquery;
    begun CONSTANT tsquery := replace(typed, '~', mark)::tsquery;
    whole CONSTANT tsquery := CASE WHEN numnode(wanted) = 0 THEN begun WHEN numnode(begun) = 0 THEN wanted
                                   ELSE wanted && begun END;
    oldest CONSTANT timestamptz := coalesce(since, '-infinity');
    look CONSTANT int := 100;  -- rows that are looked through at a time
    often CONSTANT int := 12;  -- what every twelfth row says is found sooner by looking than by the index
    -- How far back: everything below this place has still to be seen.
    top timestamptz := least(coalesce(below, 'infinity'), coalesce(until, 'infinity'));
    top_id bigint := CASE WHEN below <= coalesce(until, 'infinity') THEN below_id ELSE 0 END;
    newest timestamptz;
    low timestamptz;
    days tsquery;
    first_day int;
    last_day int;
    reach int;
    driving tsquery := whole;
    seen int;
    hits int;
    alike int;
    found int := 0;
    one record;
BEGIN
    IF mine IS NULL OR numnode(whole) = 0 THEN
        RETURN;
    END IF;
    IF below IS NULL AND until IS NULL THEN
        top_id := 9223372036854775807;
    END IF;

    -- The newest rows, one by one, for as long as that is worth while: what is said often is among them.
    LOOP
        seen := 0; hits := 0; alike := 0; newest := NULL;
        FOR one IN
            SELECT near.of, near.at, near.id, ts_match_vq(near.words, whole) AS is_hit,
                ts_match_vq(near.words, begun) AS is_alike
            FROM (
                SELECT row.of, row.at, row.id, row.words FROM public.tenancy_searchrow row
                WHERE row.workspace_id = mine AND row.kind = sort AND (row.at, row.id) < (top, top_id)
                    AND row.at >= oldest
                ORDER BY row.at DESC, row.id DESC LIMIT look
            ) near
        LOOP
            seen := seen + 1;
            newest := coalesce(newest, one.at);
            top := one.at; top_id := one.id;
            IF one.is_alike THEN
                alike := alike + 1;
            END IF;
            IF one.is_hit THEN
                hits := hits + 1; found := found + 1;
                of := one.of; at := one.at; id := one.id;
                RETURN NEXT;
                IF found >= most THEN
                    RETURN;
                END IF;
            END IF;
        END LOOP;
        IF seen < look THEN
            RETURN;  -- these were all
        END IF;
        EXIT WHEN hits * often < seen;
    END LOOP;

    -- A word that goes on stands for many, and the index would gather all rows that say any of them. Where they are
    -- said often, the other words lead, and it is asked of what those find.
    IF numnode(wanted) > 0 AND alike * often >= seen THEN
        driving := wanted;
    END IF;

    -- Back in time by the index, in ever longer strides: for as long as there is little to find in one.
    reach := CASE WHEN newest - top < interval '6 hours' THEN 1 WHEN newest - top < interval '4 days' THEN 2
                  WHEN newest - top < interval '30 days' THEN 3 ELSE 4 END;
    LOOP
        last_day := floor(extract(epoch FROM top) / 86400);
        IF reach <= 2 THEN
            first_day := last_day - CASE reach WHEN 1 THEN 2 ELSE 15 END;
            days := (SELECT string_agg(quote_literal(mark || '=d' || day), '|')
                     FROM generate_series(first_day, last_day) day)::tsquery;
        ELSIF reach <= 4 THEN
            first_day := ((last_day >> 5) - CASE reach WHEN 3 THEN 3 ELSE 14 END) << 5;
            days := (SELECT string_agg(quote_literal(mark || '=b' || block), '|')
                     FROM generate_series(first_day >> 5, last_day >> 5) block)::tsquery;
        ELSE
            days := quote_literal(mark || '=a')::tsquery;
        END IF;
        low := CASE WHEN reach = 5 THEN '-infinity' ELSE to_timestamp(first_day::bigint * 86400) END;
        FOR one IN
            SELECT match.of, match.at, match.id
            FROM (  -- OFFSET 0: nothing but the words may lead to the rows
                SELECT row.workspace_id, row.kind, row.of, row.at, row.id, row.words
                FROM public.tenancy_searchrow row WHERE row.words @@ (driving && days) OFFSET 0
            ) match
            WHERE match.workspace_id = mine AND match.kind = sort AND (match.at, match.id) < (top, top_id)
                AND match.at >= greatest(low, oldest) AND (driving = whole OR ts_match_vq(match.words, whole))
            ORDER BY match.at DESC, match.id DESC LIMIT most - found
        LOOP
            found := found + 1;
            of := one.of; at := one.at; id := one.id;
            RETURN NEXT;
        END LOOP;
        IF found >= most OR reach = 5 OR low <= oldest THEN
            RETURN;
        END IF;
        top := low; top_id := 0; reach := reach + 1;
    END LOOP;
END
$$
"""
NAME = "tenancy_search(text, text, text, timestamptz, bigint, timestamptz, timestamptz, int)"
# Whoever is to own a function has to be allowed to make one, for that moment; then it is theirs to grant.
RIGHTS = f"""
REVOKE ALL ON FUNCTION {NAME} FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO omnidesk_system;
ALTER FUNCTION {NAME} OWNER TO omnidesk_system;
REVOKE CREATE ON SCHEMA public FROM omnidesk_system;
SET LOCAL ROLE omnidesk_system;
GRANT EXECUTE ON FUNCTION {NAME} TO SESSION_USER;
RESET ROLE;
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0005_search")]

    operations = [
        migrations.RunSQL(
            [FUNCTION, RIGHTS], f"SET LOCAL ROLE omnidesk_system; DROP FUNCTION {NAME}; RESET ROLE"
        ),
    ]
