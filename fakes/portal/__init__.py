"""The portal (ぴったりサービス): applicants and providers log in, submit, sign, ask and withdraw."""
