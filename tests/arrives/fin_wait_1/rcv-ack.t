# Written by generate.py from model.py; README.md says how to read it.
segment A text 0

# shut down behind 100 bytes, none of it acknowledged
given FIN_WAIT_1 -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,una+50,snd-1,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                                      SEG.ACK                 TSval  verdict         answer      state       SND.UNA  RCV.NXT  transitions         RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,end,end+1000  *                       none   NOT_ACCEPTABLE  A(snd,rcv)  FIN_WAIT_1  una      rcv      -                   3.10.7.4 first
  rcv,rcv+1,rcv+1000,end-100,end-1             una-far,snd+1,snd+1000  none   ACK_NOT_SENT    A(snd,rcv)  FIN_WAIT_1  una      rcv      -                   3.10.7.4 fifth
  rcv,rcv+1,rcv+1000,end-100,end-1             una-max-1               none   ACK_TOO_OLD     A(snd,rcv)  FIN_WAIT_1  una      rcv      -                   RFC 5961 5.2
  rcv,rcv+1,rcv+1000,end-100,end-1             una-max,una-1,una       none   GO_ON           -           FIN_WAIT_1  una      rcv      -                   3.10.7.4
  rcv,rcv+1,rcv+1000,end-100,end-1             una+50,snd-1            none   GO_ON           -           FIN_WAIT_1  ack      rcv      -                   3.10.7.4
  rcv,rcv+1,rcv+1000,end-100,end-1             snd                     none   GO_ON           -           FIN_WAIT_2  ack      rcv      FIN_WAIT_1_RCV_ACK  3.10.7.4 fifth

# closed behind 100 bytes, none of it acknowledged
given FIN_WAIT_1 orphan
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,una+50,snd-1,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                                      SEG.ACK                 TSval  verdict         answer      state       SND.UNA  RCV.NXT  transitions         RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,end,end+1000  *                       none   NOT_ACCEPTABLE  A(snd,rcv)  FIN_WAIT_1  una      rcv      -                   3.10.7.4 first
  rcv,rcv+1,rcv+1000,end-100,end-1             una-far,snd+1,snd+1000  none   ACK_NOT_SENT    A(snd,rcv)  FIN_WAIT_1  una      rcv      -                   3.10.7.4 fifth
  rcv,rcv+1,rcv+1000,end-100,end-1             una-max-1               none   ACK_TOO_OLD     A(snd,rcv)  FIN_WAIT_1  una      rcv      -                   RFC 5961 5.2
  rcv,rcv+1,rcv+1000,end-100,end-1             una-max,una-1,una       none   GO_ON           -           FIN_WAIT_1  una      rcv      -                   3.10.7.4
  rcv,rcv+1,rcv+1000,end-100,end-1             una+50,snd-1            none   GO_ON           -           FIN_WAIT_1  ack      rcv      -                   3.10.7.4
  rcv,rcv+1,rcv+1000,end-100,end-1             snd                     none   GO_ON           -           FIN_WAIT_2  ack      rcv      FIN_WAIT_1_RCV_ACK  3.10.7.4 fifth
