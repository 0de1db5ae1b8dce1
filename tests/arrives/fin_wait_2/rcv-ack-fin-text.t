# Written by generate.py from model.py; README.md says how to read it.
segment AF text 100

# shut down, and our FIN acknowledged
given FIN_WAIT_2 -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000
tsval none
# SEG.SEQ                        SEG.ACK                 TSval  verdict         answer          state       SND.UNA  RCV.NXT  transitions         RFC 9293
  rcv-far,rcv-1000,end,end+1000  *                       none   NOT_ACCEPTABLE  A(snd,rcv)      FIN_WAIT_2  una      rcv      -                   3.10.7.4 first
  rcv-100                        una-far,snd+1,snd+1000  none   ACK_NOT_SENT    A(snd,rcv)      FIN_WAIT_2  una      rcv      -                   3.10.7.4 fifth
  rcv-100                        una-max-1               none   ACK_TOO_OLD     A(snd,rcv)      FIN_WAIT_2  una      rcv      -                   RFC 5961 5.2
  rcv-100                        una-max,una-1,una       none   GO_ON           A(snd,rcv+1)    TIME_WAIT   una      rcv+1    FIN_WAIT_2_RCV_FIN  3.10.7.4 eighth
  rcv-1                          una-far,snd+1,snd+1000  none   ACK_NOT_SENT    A(snd,rcv)      FIN_WAIT_2  una      rcv      -                   3.10.7.4 fifth
  rcv-1                          una-max-1               none   ACK_TOO_OLD     A(snd,rcv)      FIN_WAIT_2  una      rcv      -                   RFC 5961 5.2
  rcv-1                          una-max,una-1,una       none   GO_ON           A(snd,rcv+100)  TIME_WAIT   una      rcv+100  FIN_WAIT_2_RCV_FIN  3.10.7.4 eighth
  rcv                            una-far,snd+1,snd+1000  none   ACK_NOT_SENT    A(snd,rcv)      FIN_WAIT_2  una      rcv      -                   3.10.7.4 fifth
  rcv                            una-max-1               none   ACK_TOO_OLD     A(snd,rcv)      FIN_WAIT_2  una      rcv      -                   RFC 5961 5.2
  rcv                            una-max,una-1,una       none   GO_ON           A(snd,rcv+101)  TIME_WAIT   una      rcv+101  FIN_WAIT_2_RCV_FIN  3.10.7.4 eighth
  rcv+1,rcv+1000,end-100,end-1   una-far,snd+1,snd+1000  none   ACK_NOT_SENT    A(snd,rcv)      FIN_WAIT_2  una      rcv      -                   3.10.7.4 fifth
  rcv+1,rcv+1000,end-100,end-1   una-max-1               none   ACK_TOO_OLD     A(snd,rcv)      FIN_WAIT_2  una      rcv      -                   RFC 5961 5.2
  rcv+1,rcv+1000,end-100,end-1   una-max,una-1,una       none   GO_ON           A(snd,rcv)      FIN_WAIT_2  una      rcv      -                   3.10.7.4 seventh (SHLD-31), RFC 5681 4.2

# closed, and our FIN acknowledged
given FIN_WAIT_2 orphan
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,snd+1,snd+1000
tsval none
# SEG.SEQ                                 SEG.ACK                      TSval  verdict           answer        state       SND.UNA  RCV.NXT  transitions          RFC 9293
  rcv-far,rcv-1000,end,end+1000           *                            none   NOT_ACCEPTABLE    A(snd,rcv)    FIN_WAIT_2  una      rcv      -                    3.10.7.4 first
  rcv-100                                 una-far,snd+1,snd+1000       none   ACK_NOT_SENT      A(snd,rcv)    FIN_WAIT_2  una      rcv      -                    3.10.7.4 fifth
  rcv-100                                 una-max-1,una-max,una-1,una  none   GO_ON             A(snd,rcv+1)  TIME_WAIT   una      rcv+1    FIN_WAIT_2_RCV_FIN   3.10.7.4 eighth
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-far,snd+1,snd+1000       none   ACK_NOT_SENT      A(snd,rcv)    FIN_WAIT_2  una      rcv      -                    3.10.7.4 fifth
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-max-1,una-max,una-1,una  none   TEXT_AFTER_CLOSE  R(ack)        CLOSED      -        -        FIN_WAIT_2_RCV_TEXT  3.6.1 (SHLD-3)
