"""The membership a bearer token belongs to, in one statement."""

from django.db import migrations

# Like the log's functions it acts as the house for its own duration, so that a request need not open a transaction
# and tell who acts before it knows who does.
FUNCTION = """
CREATE FUNCTION parties_by_token(hashed text) RETURNS TABLE (
    token bigint, scope text, used_lately boolean, is_operator boolean,
    id bigint, user_id bigint, party_id uuid, duties text[]
) LANGUAGE plpgsql AS $$
DECLARE role_before text := jirong_role();
BEGIN
    PERFORM set_config('jirong.role', 'system', true);
    RETURN QUERY
        SELECT t.id, t.scope::text, coalesce(t.last_used_at > now() - interval '5 minutes', false),
               EXISTS (SELECT FROM parties_role r WHERE r.party_id = s.party_id AND r.role = 'operator'),
               s.id, s.user_id, s.party_id, s.duties::text[]
        FROM parties_token t
        JOIN parties_staff s ON s.id = t.staff_id
        JOIN parties_user u ON u.id = s.user_id
        WHERE t.hash = hashed AND t.revoked_at IS NULL AND t.expires_at > now() AND s.ended_at IS NULL AND u.is_active;
    PERFORM set_config('jirong.role', role_before, true);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("parties", "0002_tokens_and_requests")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION parties_by_token")]
