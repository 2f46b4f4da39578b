% wps.in: a, integer;
% wps.out: b, integer;
b = (a + ;
