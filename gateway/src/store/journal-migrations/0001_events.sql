-- Events that the cloud has not acknowledged. A record is kept as the text that was hashed.
create table event (
  sequence integer primary key,
  previous text not null,
  hash text not null,
  record text not null
) strict;

-- Where the chain ends, and how far the cloud has it; the events in between are above.
create table chain (
  one integer primary key check (one = 1),
  sequence integer not null,
  hash text not null,
  acked_sequence integer not null,
  acked_hash text not null
) strict;

insert into chain values (
  1,
  0,
  '0000000000000000000000000000000000000000000000000000000000000000',
  0,
  '0000000000000000000000000000000000000000000000000000000000000000'
);

-- No moment before it can be now: the newest that somebody whom we trust has signed. Unix milliseconds.
create table time_floor (one integer primary key check (one = 1), floor_ms integer not null) strict;

insert into time_floor values (1, 0);
