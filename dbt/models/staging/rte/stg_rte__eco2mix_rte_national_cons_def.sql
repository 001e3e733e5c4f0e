{{ eco2mix_national_publie('rte', 'eco2mix_rte_national_cons_def') }}
