-- The two database roles of Omnidesk, and the schema they work in.
-- Run by a superuser in template1 (so that test databases inherit it) and in the application's database;
-- running it again changes nothing.

DO $$
BEGIN
    -- Row-level security lets a role pass by every policy of a role that it inherits from, so NOINHERIT
    -- has to stand before the GRANT: since PostgreSQL 16 the grant itself remembers it.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'omnidesk') THEN
        CREATE ROLE omnidesk LOGIN CREATEDB NOINHERIT NOSUPERUSER NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'omnidesk_system') THEN
        CREATE ROLE omnidesk_system NOLOGIN NOSUPERUSER NOBYPASSRLS;
        GRANT omnidesk_system TO omnidesk;
    END IF;
END
$$;

-- PostgreSQL 15 reaches schema public by way of pg_database_owner, which a NOINHERIT role does not inherit.
ALTER SCHEMA public OWNER TO omnidesk;
