# Written by generate.py from model.py; README.md says how to read it.
segment AF text 0

# nothing is there
given CLOSED -
seq 0,1,2147483648,4294967295
ack 0,1,2147483648,4294967295
tsval none
# SEG.SEQ  SEG.ACK  TSval  verdict  answer  state   SND.UNA  RCV.NXT  transitions  RFC 9293
  *        *        none   CLOSED   R(ack)  CLOSED  -        -        -            3.10.7.1

# a connection was reset, and its handle not yet closed
given CLOSED held
seq 0,1,2147483648,4294967295
ack 0,1,2147483648,4294967295
tsval none
# SEG.SEQ  SEG.ACK  TSval  verdict  answer  state   SND.UNA  RCV.NXT  transitions  RFC 9293
  *        *        none   CLOSED   R(ack)  CLOSED  -        -        -            3.10.7.1
