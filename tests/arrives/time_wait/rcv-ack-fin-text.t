# Written by generate.py from model.py; README.md says how to read it.
segment AF text 100

# both have closed, nobody listens, 10 of 60 seconds are over
given TIME_WAIT -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000
tsval none
# SEG.SEQ                                         SEG.ACK                      TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,end,end+1000                   *                            none   NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-far,snd+1,snd+1000       none   ACK_NOT_SENT    A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 fifth
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-max-1,una-max,una-1,una  none   TIME_WAIT_OLD   -           TIME_WAIT  una      rcv      -            3.10.7.4 fifth [1]
# [1] beyond the peer's FIN there is nothing to acknowledge

# the same, and the handle is not yet closed
given TIME_WAIT held
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000
tsval none
# SEG.SEQ                                         SEG.ACK                      TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,end,end+1000                   *                            none   NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-far,snd+1,snd+1000       none   ACK_NOT_SENT    A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 fifth
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-max-1,una-max,una-1,una  none   TIME_WAIT_OLD   -           TIME_WAIT  una      rcv      -            3.10.7.4 fifth [1]
# [1] beyond the peer's FIN there is nothing to acknowledge

# the same, and somebody listens
given TIME_WAIT listener
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000
tsval none
# SEG.SEQ                                         SEG.ACK                      TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,end,end+1000                   *                            none   NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-far,snd+1,snd+1000       none   ACK_NOT_SENT    A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 fifth
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-max-1,una-max,una-1,una  none   TIME_WAIT_OLD   -           TIME_WAIT  una      rcv      -            3.10.7.4 fifth [1]
# [1] beyond the peer's FIN there is nothing to acknowledge

# the same, nobody listens, tcp_rfc1337 is 1
given TIME_WAIT rfc1337
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000
tsval none
# SEG.SEQ                                         SEG.ACK                      TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,end,end+1000                   *                            none   NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-far,snd+1,snd+1000       none   ACK_NOT_SENT    A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 fifth
  rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-max-1,una-max,una-1,una  none   TIME_WAIT_OLD   -           TIME_WAIT  una      rcv      -            3.10.7.4 fifth [1]
# [1] beyond the peer's FIN there is nothing to acknowledge

# somebody listens, timestamps agreed on
given TIME_WAIT timestamps
seq rcv-1000,rcv-101,rcv-1,rcv,rcv+1,end
ack una,una+1
tsval ts-far,ts-1,ts,ts+1,none
# SEG.SEQ          SEG.ACK  TSval                verdict         answer      state            SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-1000,end     *        ts-far,ts,ts+1       NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT        una      rcv      -            3.10.7.4 first
  rcv-1000,end     *        ts-1                 PAWS            A(snd,rcv)  TIME_WAIT        una      rcv      -            RFC 7323 5.3 R1
  rcv-1000,end     *        none                 NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT        una      rcv      -            3.10.7.4 first [1]
  rcv-101          una      ts-far,ts,ts+1,none  TIME_WAIT_FIN   A(snd,rcv)  TIME_WAIT(anew)  una      rcv      -            3.10.7.4 fifth [2]
  rcv-101          una      ts-1                 PAWS            A(snd,rcv)  TIME_WAIT        una      rcv      -            RFC 7323 5.3 R1
  rcv-101          una+1    ts-far,ts,ts+1       NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT        una      rcv      -            3.10.7.4 first
  rcv-101          una+1    ts-1                 PAWS            A(snd,rcv)  TIME_WAIT        una      rcv      -            RFC 7323 5.3 R1
  rcv-101          una+1    none                 NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT        una      rcv      -            3.10.7.4 first [1]
  rcv-1,rcv,rcv+1  una      ts-far,ts,ts+1,none  TIME_WAIT_OLD   -           TIME_WAIT        una      rcv      -            3.10.7.4 fifth [3]
  rcv-1,rcv,rcv+1  una      ts-1                 PAWS            A(snd,rcv)  TIME_WAIT        una      rcv      -            RFC 7323 5.3 R1
  rcv-1,rcv,rcv+1  una+1    ts-far,ts,ts+1       ACK_NOT_SENT    A(snd,rcv)  TIME_WAIT        una      rcv      -            3.10.7.4 fifth
  rcv-1,rcv,rcv+1  una+1    ts-1                 PAWS            A(snd,rcv)  TIME_WAIT        una      rcv      -            RFC 7323 5.3 R1
  rcv-1,rcv,rcv+1  una+1    none                 ACK_NOT_SENT    A(snd,rcv)  TIME_WAIT        una      rcv      -            3.10.7.4 fifth [1]
# [1] RFC 7323 3.2: "SHOULD silently drop" what lacks the option. Not done: a box on the path that takes it
#     off would stop the connection for good, and an attacker can forge one anyway
# [2] table 6 has it dropped after the acknowledgment, before it restarts the 2 MSL; the fifth step says what
#     is meant
# [3] beyond the peer's FIN there is nothing to acknowledge
