"""What a desk of several curators needs beside the decisions: the queue, batches, blind pairs, agreement, learning."""
