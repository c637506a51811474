-- The two logins of the cloud: one that owns and migrates, one that runs and owns nothing. The passwords are those of compose.yml;
-- change both.
create role gatehouse_owner_login login createrole password 'change-me-as-well';
create role gatehouse_runtime login password 'change-me-too';
create role gatehouse_app nologin;
create role gatehouse_definer nologin;
grant gatehouse_app, gatehouse_definer to gatehouse_owner_login with admin option;
grant gatehouse_app to gatehouse_runtime;
alter database gatehouse owner to gatehouse_owner_login;
alter schema public owner to gatehouse_owner_login;
