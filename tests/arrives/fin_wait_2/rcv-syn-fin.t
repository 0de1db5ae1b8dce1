# Written by generate.py from model.py; README.md says how to read it.
segment SF text 0

# shut down, and our FIN acknowledged
given FIN_WAIT_2 -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                 SEG.ACK  TSval  verdict         answer      state       SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,rcv-100,end,end+1000   -        none   NOT_ACCEPTABLE  A(snd,rcv)  FIN_WAIT_2  una      rcv      -            3.10.7.4 first
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  -        none   SYN_CHALLENGED  A(snd,rcv)  FIN_WAIT_2  una      rcv      -            RFC 5961 4.2

# closed, and our FIN acknowledged
given FIN_WAIT_2 orphan
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                 SEG.ACK  TSval  verdict         answer      state       SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,rcv-100,end,end+1000   -        none   NOT_ACCEPTABLE  A(snd,rcv)  FIN_WAIT_2  una      rcv      -            3.10.7.4 first
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  -        none   SYN_CHALLENGED  A(snd,rcv)  FIN_WAIT_2  una      rcv      -            RFC 5961 4.2
