# wps.in: a, integer, value = 1.5
# wps.in: b, double, typo = 4
# wps.in: if, blob, A condition;
# wps.in: c, string, choices = x|x;
# wps.in: d, integer, minimum = 3, maximum = 2;
# wps.in: e, integer, minOccurs = 3, maxOccurs = 2;
# wps.in: f, string, value = z, choices = x|y;
# wps.in: g, integer, value = 9, maximum = 8;
# wps.in: h, integer, maxOccurs = lots;
# wps.in: i, text, value = hello;
# wps.in: j;
# wps.in: k, string, title = A title, A text, minOccurs = 0, stray;
# wps.in: l, integer, choices = 1|two;
# wps.out: x-y, string;
# wps.out: file, png, file = ../../picture.png;
# wps.on;
# wps.dep: numpy>=1.26,<3, -r requirements.txt
# wps.dep: pandas = 2.0
# wps.nonsense: a;
# wps.in: m, string, "not ended;
# wps.off;
file = 1
