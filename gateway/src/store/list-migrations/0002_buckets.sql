-- Rows live in the buckets that are hashed: one reading, one hash, and what is decided from is what was signed.
drop table pass;
drop table card;
-- id = table (P 0, C 1, K 2, N 3) times 2^20, plus bucket. An empty bucket has no row.
create table bucket (id integer primary key, hash blob not null, rows blob not null) strict;
