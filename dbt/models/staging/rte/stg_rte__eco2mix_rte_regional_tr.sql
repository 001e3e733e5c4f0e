{{ eco2mix_regional_publie('rte', 'eco2mix_rte_regional_tr', a_les_eoliens=false, a_les_taux=false) }}
