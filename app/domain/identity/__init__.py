"""Who a person is to the portal: assurance, arrival, consent."""
