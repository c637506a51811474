-- Who is inside, as far as the passages of this gate tell: one row a pass, written with the event that says so.
create table presence (
  pass_id text primary key,
  inside integer not null,
  sequence integer not null
) strict, without rowid;

create index presence_inside on presence (inside);
