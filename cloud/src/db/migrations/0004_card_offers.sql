-- Cards that are read at an armed reader and offered for a pass.

create table enrolment_keys (
  school_id uuid not null references schools (id),
  number integer not null check (number >= 1),
  kid text not null unique,
  public_jwk json not null,
  sealed_private text not null,
  created_at timestamptz not null default now(),
  primary key (school_id, number)
);
comment on table enrolment_keys is 'P-256 keys that gates seal a card to. The newest is used; older ones open what is on its way.';

create table card_offers (
  school_id uuid not null,
  id uuid not null,
  gate_id uuid not null,
  lane text not null,
  reader text not null,
  armed_by uuid not null,
  armed_at timestamptz not null,
  expires_at timestamptz not null,
  technology text check (technology in ('em4100', 'iso14443a', 'iso15693', 'h10301', 'raw', 'pin', 'plate')),
  bit_count integer check (bit_count between 1 and 65535),
  sealed_bits text,
  offered_at timestamptz,
  taken_at timestamptz,
  primary key (school_id, id),
  foreign key (school_id, gate_id) references gates (school_id, id),
  check ((offered_at is null) = (technology is null) and (offered_at is null) = (bit_count is null)),
  check (sealed_bits is null or (offered_at is not null and taken_at is null)),
  check (taken_at is null or offered_at is not null)
);
create index card_offers_reader on card_offers (school_id, gate_id, lane, reader, expires_at);
comment on column card_offers.id is 'The id of the command that armed the reader.';
comment on column card_offers.armed_by is 'Who may take the card. No foreign key: a super_admin is no user of the school.';
comment on column card_offers.sealed_bits is 'Gone as soon as the card is taken, and with the row soon after.';

do $$
declare name text;
begin
  foreach name in array array['enrolment_keys', 'card_offers']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy own_school on %I to gatehouse_app using (school_id = current_school()) with check (school_id = current_school())', name);
    execute format('grant select, insert, update, delete on %I to gatehouse_app', name);
  end loop;
end $$;
