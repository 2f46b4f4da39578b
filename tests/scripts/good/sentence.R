#wps.des: sentence, A sentence;
#wps.in: subject, string, Who, value = "Nobody, really";
#wps.in: verb, string, title = Does what, in the present tense, value = sleeps;
#wps.in: place, type = character, minOccurs = 0, maxOccurs = 3,
#  title = Where;
##wps.in: commented, string;
#wps.out: id = said, type = string, title = The sentence;A
said <- paste(subject, verb, paste(place, collapse = " and "))
