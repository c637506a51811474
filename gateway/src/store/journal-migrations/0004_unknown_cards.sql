-- Cards that no list knew, as they were read, for an installer who stands at the machine. They never leave it: no event, no batch and
-- no other program of the gate reads them. The newest thousand are kept.
create table unknown_card (
  id integer primary key autoincrement,
  at_ms integer not null,
  lane text not null,
  reader text not null,
  technology text not null,
  bit_count integer not null,
  bits text not null
) strict;

-- When the newest command that was obeyed was signed, Unix milliseconds: after a restart none that is as old is obeyed again, wherever the clock stands.
create table command_mark (one integer primary key check (one = 1), issued_ms integer not null) strict;

insert into command_mark values (1, 0);
