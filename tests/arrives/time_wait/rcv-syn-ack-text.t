# Written by generate.py from model.py; README.md says how to read it.
segment SA text 100

# both have closed, nobody listens, 10 of 60 seconds are over
given TIME_WAIT -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000
tsval none
# SEG.SEQ                                         SEG.ACK  TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,end,end+1000                   *        none   NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  *        none   SYN_CHALLENGED  A(snd,rcv)  TIME_WAIT  una      rcv      -            RFC 5961 4.2

# the same, and the handle is not yet closed
given TIME_WAIT held
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000
tsval none
# SEG.SEQ                                         SEG.ACK  TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,end,end+1000                   *        none   NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  *        none   SYN_CHALLENGED  A(snd,rcv)  TIME_WAIT  una      rcv      -            RFC 5961 4.2

# the same, and somebody listens
given TIME_WAIT listener
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000
tsval none
# SEG.SEQ                                         SEG.ACK  TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,end,end+1000                   *        none   NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  *        none   SYN_CHALLENGED  A(snd,rcv)  TIME_WAIT  una      rcv      -            RFC 5961 4.2

# the same, nobody listens, tcp_rfc1337 is 1
given TIME_WAIT rfc1337
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000
tsval none
# SEG.SEQ                                         SEG.ACK  TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,end,end+1000                   *        none   NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  *        none   SYN_CHALLENGED  A(snd,rcv)  TIME_WAIT  una      rcv      -            RFC 5961 4.2

# somebody listens, timestamps agreed on
given TIME_WAIT timestamps
seq rcv-1000,rcv-101,rcv-1,rcv,rcv+1,end
ack una,una+1
tsval ts-far,ts-1,ts,ts+1,none
# SEG.SEQ               SEG.ACK  TSval                verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-1000,rcv-101,end  *        ts-far,ts,ts+1,none  NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first
  rcv-1000,rcv-101,end  *        ts-1                 PAWS            A(snd,rcv)  TIME_WAIT  una      rcv      -            RFC 7323 5.3 R1
  rcv-1,rcv,rcv+1       *        ts-far,ts,ts+1,none  SYN_CHALLENGED  A(snd,rcv)  TIME_WAIT  una      rcv      -            RFC 5961 4.2
  rcv-1,rcv,rcv+1       *        ts-1                 PAWS            A(snd,rcv)  TIME_WAIT  una      rcv      -            RFC 7323 5.3 R1
