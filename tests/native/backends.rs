//! The CPU backend against the naive reference.

use toolgen::backend::cpu::Cpu;

crate::suite!(cpu_backend, Cpu);
