# Written by generate.py from model.py; README.md says how to read it.
segment F text 0

# 100 bytes of ours are on their way
given ESTABLISHED -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack -
tsval none
# SEG.SEQ                                      SEG.ACK  TSval  verdict         answer      state        SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,end,end+1000  -        none   NOT_ACCEPTABLE  A(snd,rcv)  ESTABLISHED  una      rcv      -            3.10.7.4 first
  rcv,rcv+1,rcv+1000,end-100,end-1             -        none   NO_ACK          -           ESTABLISHED  una      rcv      -            3.10.7.4 fifth

# the receive window is closed, 100 bytes of ours are on their way
given ESTABLISHED closed-window
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000
ack -
tsval none
# SEG.SEQ                                        SEG.ACK  TSval  verdict         answer      state        SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,rcv+1,rcv+1000  -        none   NOT_ACCEPTABLE  A(snd,rcv)  ESTABLISHED  una      rcv      -            3.10.7.4 first
  rcv                                            -        none   NO_ACK          A(snd,rcv)  ESTABLISHED  una      rcv      -            3.10.7.4 fifth [1]
# [1] RCV.WND is zero: special allowance for ACKs, URGs and RSTs (MUST-66)

# timestamps agreed on, 100 bytes of ours are on their way
given ESTABLISHED timestamps
seq rcv-100,rcv,rcv+1,end
ack -
tsval ts-far,ts-1,ts,ts+1,none
# SEG.SEQ      SEG.ACK  TSval           verdict         answer      state        SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-100,end  -        ts-far,ts,ts+1  NOT_ACCEPTABLE  A(snd,rcv)  ESTABLISHED  una      rcv      -            3.10.7.4 first
  rcv-100,end  -        ts-1            PAWS            A(snd,rcv)  ESTABLISHED  una      rcv      -            RFC 7323 5.3 R1
  rcv-100,end  -        none            NOT_ACCEPTABLE  A(snd,rcv)  ESTABLISHED  una      rcv      -            3.10.7.4 first [1]
  rcv,rcv+1    -        ts-far,ts,ts+1  NO_ACK          -           ESTABLISHED  una      rcv      -            3.10.7.4 fifth
  rcv,rcv+1    -        ts-1            PAWS            A(snd,rcv)  ESTABLISHED  una      rcv      -            RFC 7323 5.3 R1
  rcv,rcv+1    -        none            NO_ACK          -           ESTABLISHED  una      rcv      -            3.10.7.4 fifth [1]
# [1] RFC 7323 3.2: "SHOULD silently drop" what lacks the option. Not done: a box on the path that takes it
#     off would stop the connection for good, and an attacker can forge one anyway
