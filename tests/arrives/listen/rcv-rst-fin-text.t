# Written by generate.py from model.py; README.md says how to read it.
segment RF text 100

# a listener with room
given LISTEN -
seq 0,1,2147483648,4294967295
ack -
tsval none
# SEG.SEQ  SEG.ACK  TSval  verdict     answer  state   SND.UNA  RCV.NXT  transitions  RFC 9293
  *        -        none   LISTEN_RST  -       LISTEN  -        -        -            3.10.7.2 first
