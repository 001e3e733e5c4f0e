{{ eco2mix_regional_publie('rte', 'eco2mix_rte_regional_cons_def', a_les_taux=false) }}
