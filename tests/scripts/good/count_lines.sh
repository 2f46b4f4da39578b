#!/usr/bin/env bash
# wps.des: id = count_lines, title = Lines of a text, deterministic = true;
# wps.in: document, text, The text;
# wps.in: skip, string, Lines that begin so are not counted, value = "#";
# wps.out: lines, integer, How many lines it has;
lines=$(grep -vc "^$skip" "$document" || true)
