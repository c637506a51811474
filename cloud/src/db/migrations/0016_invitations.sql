-- How a student comes to an account: a code on paper or a link in a mail, claimed once.

alter table schools add column claim_checks text[] not null default '{student_number}'
  check (claim_checks <@ array['student_number', 'birth_date']);
comment on column schools.claim_checks is 'What a student must know beside the code.';

-- One person, one account.
create unique index students_account on students (user_id) where user_id is not null;

create table invitations (
  id uuid primary key,
  school_id uuid not null references schools (id),
  student_id uuid not null,
  batch_id uuid not null,
  way text not null check (way in ('mail', 'print')),
  code_hash text not null unique check (code_hash ~ '^[0-9a-f]{64}$'),
  sealed_code text,
  tries_left integer not null default 5 check (tries_left >= 0),
  to_address text check (length(to_address) <= 254),
  made_by uuid,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  claimed_at timestamptz,
  ended_at timestamptz,
  unique (school_id, id),
  unique (batch_id, student_id),
  foreign key (school_id, student_id) references students (school_id, id),
  foreign key (school_id, made_by) references users (school_id, id) on delete set null (made_by),
  check (claimed_at is null or ended_at is null)
);
comment on column invitations.code_hash is 'Keyed hash of the code or of the link''s token.';
comment on column invitations.sealed_code is 'Of a printed code, for a day: what is not on paper by then is made anew.';
comment on column invitations.ended_at is 'Somebody took it back, or a newer one took its place.';
create index invitations_newest on invitations (school_id, made_at desc, id desc);
create index invitations_student on invitations (school_id, student_id);
create index invitations_batch on invitations (school_id, batch_id);

alter table invitations enable row level security;
alter table invitations force row level security;
create policy own_school on invitations to gatehouse_app using (school_id = current_school()) with check (school_id = current_school());
grant select, insert, update, delete on invitations to gatehouse_app;

-- Whoever claims has only the code: this says whose it is.
create policy finds_invitation on invitations for select to gatehouse_definer using (true);
grant select on invitations to gatehouse_definer;
create function find_invitation(wanted text)
  returns table (invitation_id uuid, school_id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select invitations.id, invitations.school_id from invitations where invitations.code_hash = wanted $$;
grant create on schema public to gatehouse_definer;
revoke all on function find_invitation(text) from public;
grant execute on function find_invitation(text) to gatehouse_app;
alter function find_invitation(text) owner to gatehouse_definer;
revoke create on schema public from gatehouse_definer;
