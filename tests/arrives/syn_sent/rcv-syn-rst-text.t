# Written by generate.py from model.py; README.md says how to read it.
segment SR text 100

# our SYN is on its way
given SYN_SENT -
seq 0,1,2147483648,4294967295
ack -
tsval none
# SEG.SEQ  SEG.ACK  TSval  verdict              answer  state     SND.UNA  RCV.NXT  transitions  RFC 9293
  *        -        none   SYN_SENT_RST_NO_ACK  -       SYN_SENT  una      -        -            3.10.7.3 second
