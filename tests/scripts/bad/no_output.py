# wps.in: a, integer;
print(a)
