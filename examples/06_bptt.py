"""06  Backpropagation through time: one weight, three uses, one gradient.

You will see   the lecture's page of formulas, each with its numbers; then the chain rule of ∂L/∂w_h, term by term, as the
               graph writes it out.  Every number is computed a second time below, with plain floats.
To change      w_h to 2, or the inputs; one more of them, and the sums get one more term.
To practise    python examples/06_bptt.py --quiz

formula                                          computed by                  held by
(1) o_t = tanh(x_t·w_i + o_{t−1}·w_h)            nn/rnn.py RNN.advance        test_nn.py, test_examples.py
(2) ŷ = σ(o_n·w_o)                               nn/recurrent.py readout      test_bptt.py
(3) L = −y·log ŷ − (1−y)·log(1−ŷ)                losses.py                    test_losses.py
(4) ∂L/∂w_o = ∂L/∂ŷ · ∂ŷ/∂w_o                    explain.py chain_rule        test_explain.py
(5) ∂o_k/∂o_{k−1} = f′(z_k)·w_h                  bptt.py state_jacobians      test_explain.py
(6) ∂ŷ/∂o_j = ∂ŷ/∂o_n · Π_{k>j} ∂o_k/∂o_{k−1}    graph.py gradients           test_explain.py
(7) ∂L/∂w_h = Σ_j ∂L/∂ŷ · ∂ŷ/∂o_j · ∂⁺o_j/∂w_h   bptt.py contributions        test_bptt.py
(8) ∂L/∂w_i, the same with ∂⁺o_j/∂w_i            bptt.py contributions        test_bptt.py
(9) w := w − η·∂L/∂w                             optim.py SGD.step            test_optim.py
"""
