// Scripts to start from. Each runs with its data on the libraries of the guest.

export const examples = [];
