# Written by generate.py from model.py; README.md says how to read it.
segment SR text 0

# the peer has closed and then we have, 100 bytes and FIN are on their way
given LAST_ACK -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                      SEG.ACK  TSval  verdict             answer      state     SND.UNA  RCV.NXT  transitions       RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,end,end+1000  -        none   NOT_ACCEPTABLE_RST  -           LAST_ACK  una      rcv      -                 3.10.7.4 first
  rcv                                          -        none   RST                 -           CLOSED    -        -        LAST_ACK_RCV_RST  3.10.7.4 second
  rcv+1,rcv+1000,end-100,end-1                 -        none   RST_CHALLENGED      A(snd,rcv)  LAST_ACK  una      rcv      -                 RFC 5961 3.2

# the same, and the handle is closed
given LAST_ACK orphan
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                      SEG.ACK  TSval  verdict             answer      state     SND.UNA  RCV.NXT  transitions       RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,end,end+1000  -        none   NOT_ACCEPTABLE_RST  -           LAST_ACK  una      rcv      -                 3.10.7.4 first
  rcv                                          -        none   RST                 -           CLOSED    -        -        LAST_ACK_RCV_RST  3.10.7.4 second
  rcv+1,rcv+1000,end-100,end-1                 -        none   RST_CHALLENGED      A(snd,rcv)  LAST_ACK  una      rcv      -                 RFC 5961 3.2
