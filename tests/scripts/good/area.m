% wps.des: id = area, title = Area of a ring, version = 1.0;
% wps.in: outer, double, Outer radius, unit = m, minimum = 0;
# wps.in: inner, double, Inner radius, unit = m, minimum = 0, value = 0;
% wps.out: surface, double, Area of the ring, unit = m2;
surface = pi * (outer ^ 2 - inner ^ 2);
