-- What the rotating barcodes of wallets are checked with, one secret a site.

alter table scopes add column sealed_totp_secret text;
comment on column scopes.sealed_totp_secret is 'Made when it is first needed. Gates of the scope are told it when they enrol; it turns codes and mints nothing.';
