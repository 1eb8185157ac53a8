// Package enginefix corrects the released wazero v1.12.0 when it is imported. cmd/dist builds an
// engine whose patches contain the correction (runtime/engine/patches), where this package does
// nothing.
//
// On amd64, a selection between floating-point numbers or vectors sets a register and overwrites it
// if the condition holds. wazero does not tell its register allocator that the second instruction
// needs what the first has written: if the other number has to be loaded in between, it may get the
// same register, and is then the result in any case. So `select` returned its first operand always,
// without an error, for example in scikit-learn's t-SNE in three dimensions.
//
// The kind of an instruction's operands is in a table of wazero. The package changes the one entry
// that is wrong. There is no other way to correct it without a copy of wazero: whether a selection
// is affected is known only after the allocation.
package enginefix
