//! Part of the contract.
