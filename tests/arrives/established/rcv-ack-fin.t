# Written by generate.py from model.py; README.md says how to read it.
segment AF text 0

# 100 bytes of ours are on their way
given ESTABLISHED -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,una+50,snd-1,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                                      SEG.ACK                 TSval  verdict         answer        state        SND.UNA  RCV.NXT  transitions          RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,end,end+1000  *                       none   NOT_ACCEPTABLE  A(snd,rcv)    ESTABLISHED  una      rcv      -                    3.10.7.4 first
  rcv                                          una-far,snd+1,snd+1000  none   ACK_NOT_SENT    A(snd,rcv)    ESTABLISHED  una      rcv      -                    3.10.7.4 fifth
  rcv                                          una-max-1               none   ACK_TOO_OLD     A(snd,rcv)    ESTABLISHED  una      rcv      -                    RFC 5961 5.2
  rcv                                          una-max,una-1,una       none   GO_ON           A(snd,rcv+1)  CLOSE_WAIT   una      rcv+1    ESTABLISHED_RCV_FIN  3.10.7.4 eighth
  rcv                                          una+50,snd-1,snd        none   GO_ON           A(snd,rcv+1)  CLOSE_WAIT   ack      rcv+1    ESTABLISHED_RCV_FIN  3.10.7.4 eighth
  rcv+1,rcv+1000,end-100,end-1                 una-far,snd+1,snd+1000  none   ACK_NOT_SENT    A(snd,rcv)    ESTABLISHED  una      rcv      -                    3.10.7.4 fifth
  rcv+1,rcv+1000,end-100,end-1                 una-max-1               none   ACK_TOO_OLD     A(snd,rcv)    ESTABLISHED  una      rcv      -                    RFC 5961 5.2
  rcv+1,rcv+1000,end-100,end-1                 una-max,una-1,una       none   GO_ON           A(snd,rcv)    ESTABLISHED  una      rcv      -                    3.10.7.4 seventh (SHLD-31), RFC 5681 4.2
  rcv+1,rcv+1000,end-100,end-1                 una+50,snd-1,snd        none   GO_ON           A(snd,rcv)    ESTABLISHED  ack      rcv      -                    3.10.7.4 seventh (SHLD-31), RFC 5681 4.2

# the receive window is closed, 100 bytes of ours are on their way
given ESTABLISHED closed-window
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000
ack una-far,una-max-1,una-max,una-1,una,una+50,snd-1,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                                        SEG.ACK                 TSval  verdict         answer      state        SND.UNA  RCV.NXT  transitions  RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,rcv+1,rcv+1000  *                       none   NOT_ACCEPTABLE  A(snd,rcv)  ESTABLISHED  una      rcv      -            3.10.7.4 first
  rcv                                            una-far,snd+1,snd+1000  none   ACK_NOT_SENT    A(snd,rcv)  ESTABLISHED  una      rcv      -            3.10.7.4 fifth [1]
  rcv                                            una-max-1               none   ACK_TOO_OLD     A(snd,rcv)  ESTABLISHED  una      rcv      -            RFC 5961 5.2 [1]
  rcv                                            una-max,una-1,una       none   GO_ON           A(snd,rcv)  ESTABLISHED  una      rcv      -            3.10.7.4 [1]
  rcv                                            una+50,snd-1,snd        none   GO_ON           A(snd,rcv)  ESTABLISHED  ack      rcv      -            3.10.7.4 [1]
# [1] RCV.WND is zero: special allowance for ACKs, URGs and RSTs (MUST-66)

# timestamps agreed on, 100 bytes of ours are on their way
given ESTABLISHED timestamps
seq rcv-100,rcv,rcv+1,end
ack una,snd,snd+1
tsval ts-far,ts-1,ts,ts+1,none
# SEG.SEQ      SEG.ACK  TSval           verdict         answer        state        SND.UNA  RCV.NXT  transitions          RFC 9293
  rcv-100,end  *        ts-far,ts,ts+1  NOT_ACCEPTABLE  A(snd,rcv)    ESTABLISHED  una      rcv      -                    3.10.7.4 first
  rcv-100,end  *        ts-1            PAWS            A(snd,rcv)    ESTABLISHED  una      rcv      -                    RFC 7323 5.3 R1
  rcv-100,end  *        none            NOT_ACCEPTABLE  A(snd,rcv)    ESTABLISHED  una      rcv      -                    3.10.7.4 first [1]
  rcv          una      ts-far,ts,ts+1  GO_ON           A(snd,rcv+1)  CLOSE_WAIT   una      rcv+1    ESTABLISHED_RCV_FIN  3.10.7.4 eighth
  rcv          una      ts-1            PAWS            A(snd,rcv)    ESTABLISHED  una      rcv      -                    RFC 7323 5.3 R1
  rcv          una      none            GO_ON           A(snd,rcv+1)  CLOSE_WAIT   una      rcv+1    ESTABLISHED_RCV_FIN  3.10.7.4 eighth [1]
  rcv          snd      ts-far,ts,ts+1  GO_ON           A(snd,rcv+1)  CLOSE_WAIT   ack      rcv+1    ESTABLISHED_RCV_FIN  3.10.7.4 eighth
  rcv          snd      ts-1            PAWS            A(snd,rcv)    ESTABLISHED  una      rcv      -                    RFC 7323 5.3 R1
  rcv          snd      none            GO_ON           A(snd,rcv+1)  CLOSE_WAIT   ack      rcv+1    ESTABLISHED_RCV_FIN  3.10.7.4 eighth [1]
  rcv          snd+1    ts-far,ts,ts+1  ACK_NOT_SENT    A(snd,rcv)    ESTABLISHED  una      rcv      -                    3.10.7.4 fifth
  rcv          snd+1    ts-1            PAWS            A(snd,rcv)    ESTABLISHED  una      rcv      -                    RFC 7323 5.3 R1
  rcv          snd+1    none            ACK_NOT_SENT    A(snd,rcv)    ESTABLISHED  una      rcv      -                    3.10.7.4 fifth [1]
  rcv+1        una      ts-far,ts,ts+1  GO_ON           A(snd,rcv)    ESTABLISHED  una      rcv      -                    3.10.7.4 seventh (SHLD-31), RFC 5681 4.2
  rcv+1        una      ts-1            PAWS            A(snd,rcv)    ESTABLISHED  una      rcv      -                    RFC 7323 5.3 R1
  rcv+1        una      none            GO_ON           A(snd,rcv)    ESTABLISHED  una      rcv      -                    3.10.7.4 seventh (SHLD-31), RFC 5681 4.2 [1]
  rcv+1        snd      ts-far,ts,ts+1  GO_ON           A(snd,rcv)    ESTABLISHED  ack      rcv      -                    3.10.7.4 seventh (SHLD-31), RFC 5681 4.2
  rcv+1        snd      ts-1            PAWS            A(snd,rcv)    ESTABLISHED  una      rcv      -                    RFC 7323 5.3 R1
  rcv+1        snd      none            GO_ON           A(snd,rcv)    ESTABLISHED  ack      rcv      -                    3.10.7.4 seventh (SHLD-31), RFC 5681 4.2 [1]
  rcv+1        snd+1    ts-far,ts,ts+1  ACK_NOT_SENT    A(snd,rcv)    ESTABLISHED  una      rcv      -                    3.10.7.4 fifth
  rcv+1        snd+1    ts-1            PAWS            A(snd,rcv)    ESTABLISHED  una      rcv      -                    RFC 7323 5.3 R1
  rcv+1        snd+1    none            ACK_NOT_SENT    A(snd,rcv)    ESTABLISHED  una      rcv      -                    3.10.7.4 fifth [1]
# [1] RFC 7323 3.2: "SHOULD silently drop" what lacks the option. Not done: a box on the path that takes it
#     off would stop the connection for good, and an attacker can forge one anyway
