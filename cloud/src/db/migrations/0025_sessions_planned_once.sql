-- Asked at every request. In this language a connection plans them once; as plain SQL they were planned each time, longer than they ran.
drop function find_session(uuid);
create function find_session(wanted uuid)
  returns table (session_id uuid, user_id uuid, school_id uuid, role text, grants text[], active boolean, email text, display_name text,
    ended_at timestamptz, expires_at timestamptz, school_name text, tenant text, time_zone text, factor_missing boolean)
  language plpgsql stable security definer set search_path = public, pg_temp
  as $$
#variable_conflict use_column
begin
  return query select sessions.id, users.id, users.school_id, users.role, users.grants, users.active, users.email, users.display_name,
      sessions.ended_at, sessions.expires_at, schools.name, schools.tenant, schools.time_zone,
      coalesce(users.role = any (sign_in_rules.second_factor_for), false) and sessions.method = 'password'
        and not exists (select from totp_factors where totp_factors.user_id = users.id and confirmed_at is not null)
        and not exists (select from passkeys where passkeys.user_id = users.id)
    from sessions join users on users.id = sessions.user_id left join schools on schools.id = users.school_id
      left join sign_in_rules on sign_in_rules.school_id = users.school_id
    where sessions.id = wanted;
end $$;

drop function find_access_key(text);
create function find_access_key(wanted text)
  returns table (key_id uuid, user_id uuid, school_id uuid, role text, grants text[], active boolean, email text, display_name text,
    scopes text[], expires_at timestamptz, last_used_at timestamptz, school_name text, tenant text, time_zone text)
  language plpgsql stable security definer set search_path = public, pg_temp
  as $$
#variable_conflict use_column
begin
  return query select access_keys.id, users.id, users.school_id, users.role, users.grants, users.active, users.email, users.display_name,
      access_keys.scopes, access_keys.expires_at, access_keys.last_used_at, schools.name, schools.tenant, schools.time_zone
    from access_keys join users on users.id = access_keys.user_id left join schools on schools.id = users.school_id
    where access_keys.hash = wanted;
end $$;

grant create on schema public to gatehouse_definer;
do $$
declare made regprocedure;
begin
  foreach made in array array['find_session(uuid)', 'find_access_key(text)']::regprocedure[]
  loop
    execute format('revoke all on function %s from public', made);
    execute format('grant execute on function %s to gatehouse_app', made);
    execute format('alter function %s owner to gatehouse_definer', made);
  end loop;
end $$;
revoke create on schema public from gatehouse_definer;
