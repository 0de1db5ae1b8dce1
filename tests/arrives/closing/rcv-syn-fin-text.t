# Written by generate.py from model.py; README.md says how to read it.
segment SF text 100

# both have shut down at once, 100 bytes and FIN of ours are on their way
given CLOSING -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                         SEG.ACK  TSval  verdict         answer      state    SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,end,end+1000                   -        none   NOT_ACCEPTABLE  A(snd,rcv)  CLOSING  una      rcv      -            3.10.7.4 first
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  -        none   SYN_CHALLENGED  A(snd,rcv)  CLOSING  una      rcv      -            RFC 5961 4.2

# both have closed at once, 100 bytes and FIN of ours are on their way
given CLOSING orphan
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                         SEG.ACK  TSval  verdict         answer      state    SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,end,end+1000                   -        none   NOT_ACCEPTABLE  A(snd,rcv)  CLOSING  una      rcv      -            3.10.7.4 first
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  -        none   SYN_CHALLENGED  A(snd,rcv)  CLOSING  una      rcv      -            RFC 5961 4.2
