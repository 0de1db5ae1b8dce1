# Written by generate.py from model.py; README.md says how to read it.
segment . text 100

# both have closed, nobody listens, 10 of 60 seconds are over
given TIME_WAIT -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                 SEG.ACK  TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,rcv-100,end,end+1000   -        none   NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  -        none   NO_ACK          -           TIME_WAIT  una      rcv      -            3.10.7.4 fifth

# the same, and the handle is not yet closed
given TIME_WAIT held
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                 SEG.ACK  TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,rcv-100,end,end+1000   -        none   NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  -        none   NO_ACK          -           TIME_WAIT  una      rcv      -            3.10.7.4 fifth

# the same, and somebody listens
given TIME_WAIT listener
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                 SEG.ACK  TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,rcv-100,end,end+1000   -        none   NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  -        none   NO_ACK          -           TIME_WAIT  una      rcv      -            3.10.7.4 fifth

# the same, nobody listens, tcp_rfc1337 is 1
given TIME_WAIT rfc1337
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                 SEG.ACK  TSval  verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,rcv-100,end,end+1000   -        none   NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  -        none   NO_ACK          -           TIME_WAIT  una      rcv      -            3.10.7.4 fifth

# somebody listens, timestamps agreed on
given TIME_WAIT timestamps
seq rcv-1000,rcv-101,rcv-1,rcv,rcv+1,end
ack -
tsval ts-far,ts-1,ts,ts+1,none
# SEG.SEQ               SEG.ACK  TSval           verdict         answer      state      SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-1000,rcv-101,end  -        ts-far,ts,ts+1  NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first
  rcv-1000,rcv-101,end  -        ts-1            PAWS            A(snd,rcv)  TIME_WAIT  una      rcv      -            RFC 7323 5.3 R1
  rcv-1000,rcv-101,end  -        none            NOT_ACCEPTABLE  A(snd,rcv)  TIME_WAIT  una      rcv      -            3.10.7.4 first [1]
  rcv-1,rcv,rcv+1       -        ts-far,ts,ts+1  NO_ACK          -           TIME_WAIT  una      rcv      -            3.10.7.4 fifth
  rcv-1,rcv,rcv+1       -        ts-1            PAWS            A(snd,rcv)  TIME_WAIT  una      rcv      -            RFC 7323 5.3 R1
  rcv-1,rcv,rcv+1       -        none            NO_ACK          -           TIME_WAIT  una      rcv      -            3.10.7.4 fifth [1]
# [1] RFC 7323 3.2: "SHOULD silently drop" what lacks the option. Not done: a box on the path that takes it
#     off would stop the connection for good, and an attacker can forge one anyway
