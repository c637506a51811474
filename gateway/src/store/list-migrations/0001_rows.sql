-- One verified list. `packed` is the row as it travels; `sum` is over key and row, and asked on every reading.
create table pass (pass_id text primary key, packed text not null, sum integer not null) strict, without rowid;

create table card (card_key text primary key, pass_id text not null, sum integer not null) strict, without rowid;

-- Which list this is, as JSON; written last, so that a file without it was never finished.
create table list (one integer primary key check (one = 1), head text not null, sum integer not null) strict;
